// The official TypeScript clients against a running server, which GIGAWATT_URL and GIGAWATT_API_KEY name.
import assert from "node:assert/strict";
import test from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { AzureOpenAI } from "openai";

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

test("Anthropic: tokens are counted, under Azure's base URL too", async () => {
  const foundry = new Anthropic({ baseURL: `${url}/anthropic`, apiKey, maxRetries: 0 });
  for (const client of [anthropic, foundry]) {
    const count = await client.messages.countTokens({ model, messages });
    assert.ok(count.input_tokens > 0);
  }
});

test("Anthropic: models page by page, and one of them", async () => {
  const ids = [];
  for await (const entry of anthropic.models.list({ limit: 1 })) ids.push(entry.id);
  assert.ok(ids.length > 1 && new Set(ids).size === ids.length);
  assert.equal((await anthropic.models.retrieve(model)).id, model);
});

test("Anthropic: a batch and its results", async () => {
  const params = { model, max_tokens: 6, messages };
  let batch = await anthropic.messages.batches.create({ requests: [{ custom_id: "a", params }, { custom_id: "b", params }] });
  while (batch.processing_status !== "ended") {
    await new Promise((done) => setTimeout(done, 50));
    batch = await anthropic.messages.batches.retrieve(batch.id);
  }

  const ids = [];
  for await (const { custom_id, result } of await anthropic.messages.batches.results(batch.id)) {
    assert.equal(result.type, "succeeded");
    assert.equal(result.message.usage.output_tokens, 6);
    ids.push(custom_id);
  }

  assert.deepEqual(ids.sort(), ["a", "b"]);
  const listed = [];
  for await (const entry of anthropic.messages.batches.list({ limit: 1 })) listed.push(entry.id);
  assert.ok(listed.includes(batch.id));
  await anthropic.messages.batches.delete(batch.id);
  await assert.rejects(anthropic.messages.batches.retrieve(batch.id), Anthropic.NotFoundError);
});

test("OpenAI: embeddings as floats and as base64 are the same", async () => {
  const input = ["one", "two"];
  const floats = await openai.embeddings.create({ model, input, dimensions: 8, encoding_format: "float" });
  const usual = await openai.embeddings.create({ model, input, dimensions: 8 });
  assert.equal(floats.data.length, 2);
  for (const i of [0, 1]) {
    assert.deepEqual(Array.from(usual.data[i].embedding, Math.fround), floats.data[i].embedding.map(Math.fround));
  }
});

test("OpenAI: a response is kept, continued as a stream, listed and deleted", async () => {
  const first = await openai.responses.create({ model, input: "Hello", metadata: { a: "b" } });
  assert.match(first.output_text, /simulated/);
  assert.equal((await openai.responses.retrieve(first.id)).output_text, first.output_text);
  const stream = await openai.responses.create({ model, input: "And again", previous_response_id: first.id, stream: true });
  let text = "";
  let second;
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.completed") second = event.response;
  }

  assert.equal(second.previous_response_id, first.id);
  assert.equal(second.output[0].content[0].text, text);
  const items = [];
  for await (const item of openai.responses.inputItems.list(second.id, { limit: 1 })) items.push(item);
  assert.equal(items.length, 3);
  await openai.responses.delete(first.id);
  await assert.rejects(openai.responses.retrieve(first.id), OpenAI.NotFoundError);
  await assert.rejects(openai.responses.create({ model, input: "x", previous_response_id: second.id }), OpenAI.BadRequestError);
  await assert.rejects(openai.responses.cancel(second.id), OpenAI.BadRequestError);
});

test("Azure: completions and embeddings under their deployments, responses beside them", async () => {
  const azure = new AzureOpenAI({ endpoint: url, apiKey, apiVersion: "2024-10-21", maxRetries: 0 });
  const completion = await azure.chat.completions.create({ model, messages });
  assert.match(completion.choices[0].message.content, /simulated/);
  const embeddings = await azure.embeddings.create({ model, input: "one" });
  assert.equal(embeddings.data.length, 1);
  const response = await azure.responses.create({ model, input: "Hello" });
  assert.equal((await azure.responses.retrieve(response.id)).id, response.id);
  await assert.rejects(azure.chat.completions.create({ model: "no-such-model", messages }), OpenAI.NotFoundError);
});

test("Errors are the clients' own", async () => {
  await assert.rejects(anthropic.messages.create({ model, max_tokens: 1, messages: [{ role: "user", content: "x".repeat(33 << 20) }] }), (e) => e.status === 413);
  await assert.rejects(openai.chat.completions.create({ model, messages: "none" }), OpenAI.BadRequestError);
  const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: "gw-wrong", maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});
