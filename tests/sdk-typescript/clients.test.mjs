// The official TypeScript clients against a running server, which GIGAWATT_URL and GIGAWATT_API_KEY name.
import assert from "node:assert/strict";
import test from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const url = process.env.GIGAWATT_URL;
const apiKey = process.env.GIGAWATT_API_KEY;
const model = "sim-small";
const messages = [{ role: "user", content: "Hello" }];
const anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

test("Anthropic: a message", async () => {
  const message = await anthropic.messages.create({ model, max_tokens: 64, messages });
  assert.match(message.content[0].text, /simulated/);
  assert.equal(message.stop_reason, "end_turn");
  assert.ok(message.usage.output_tokens > 0);
});

test("Anthropic: a stream", async () => {
  const stream = anthropic.messages.stream({ model, max_tokens: 6, messages });
  let deltas = 0;
  stream.on("text", () => deltas++);
  const message = await stream.finalMessage();
  assert.equal(message.stop_reason, "max_tokens");
  assert.equal(message.usage.output_tokens, 6);
  assert.ok(deltas > 1);
});

test("Anthropic: models, and an unknown one", async () => {
  const ids = [];
  for await (const entry of anthropic.models.list()) ids.push(entry.id);
  assert.ok(ids.includes(model));
  await assert.rejects(anthropic.messages.create({ model: "no-such-model", max_tokens: 1, messages }), Anthropic.NotFoundError);
});

test("Anthropic: a wrong key", async () => {
  const stranger = new Anthropic({ baseURL: url, apiKey: "gw-wrong", maxRetries: 0 });
  await assert.rejects(stranger.messages.create({ model, max_tokens: 1, messages }), Anthropic.AuthenticationError);
});

test("OpenAI: a completion", async () => {
  const completion = await openai.chat.completions.create({ model, messages });
  assert.match(completion.choices[0].message.content, /simulated/);
  assert.equal(completion.choices[0].finish_reason, "stop");
  assert.ok(completion.usage.completion_tokens > 0);
});

test("OpenAI: a stream with usage", async () => {
  const stream = await openai.chat.completions.create({ model, messages, max_tokens: 6, stream: true, stream_options: { include_usage: true } });
  let text = "";
  let usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.ok(text.length > 0);
  assert.equal(usage.completion_tokens, 6);
});

test("OpenAI: models, and an unknown one", async () => {
  const ids = [];
  for await (const entry of openai.models.list()) ids.push(entry.id);
  assert.ok(ids.includes(model));
  await assert.rejects(openai.chat.completions.create({ model: "no-such-model", messages }), OpenAI.NotFoundError);
});
