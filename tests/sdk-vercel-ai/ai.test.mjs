// The Vercel AI SDK before a gateway of its own: each kind of its models at a provider of each kind, so that half of the calls
// are translated. GIGAWATT_DLL names the program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test, { after, before } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { embed, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { startUpstream } from "./upstream.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "gw-ai-"));
const prompt = "How warm is it in Oslo?";
const place = z.object({ city: z.string(), degrees: z.number() });
let upstream, gateway, clients;

before(async () => {
  upstream = await startUpstream();
  const ready = path.join(folder, "ready.json");
  fs.writeFileSync(path.join(folder, "gw.yaml"), `
providers:
  - { name: a, kind: anthropic, url: "${upstream.url}", key: k, models: ["claude-*"] }
  - { name: o, kind: openai, url: "${upstream.url}/v1", key: k, models: ["gpt-*"], formats: [openai] }
  - { name: simulated, kind: simulated }
`);
  gateway = spawn("dotnet", [process.env.GIGAWATT_DLL, "up", "--config", path.join(folder, "gw.yaml"), "--port", "0", "--data", path.join(folder, "data"), "--ready-file", ready], { stdio: "ignore" });
  while (!fs.existsSync(ready)) {
    assert.equal(gateway.exitCode, null, "the gateway ended");
    await new Promise(resolve => setTimeout(resolve, 50));
  }

  const { url, api_key: apiKey } = JSON.parse(fs.readFileSync(ready, "utf8"));
  const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey });
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey });
  clients = { messages: m => anthropic(m), chat: m => openai.chat(m), responses: m => openai.responses(m), embedding: m => openai.embedding(m) };
});

after(() => {
  gateway?.kill("SIGTERM");
  upstream?.close();
});

for (const client of ["messages", "chat", "responses"]) {
  for (const model of ["claude-sonnet-4-5", "gpt-4o"]) {
    const of = () => ({ model: clients[client](model), maxRetries: 0, maxOutputTokens: 200 });
    const weather = tool({ description: "Temperature of a city", inputSchema: place, execute: async ({ city, degrees }) => `${city}: ${degrees}` });

    test(`${client} at ${model}: text`, async () => {
      const { text, finishReason, usage } = await generateText({ ...of(), prompt });
      assert.match(text, /7 degrees in Oslo/);
      assert.equal(finishReason, "stop");
      assert.deepEqual([usage.inputTokens, usage.outputTokens], [20, 9]);
    });

    test(`${client} at ${model}: a stream of text`, async () => {
      const result = streamText({ ...of(), prompt, system: "Be short." });
      let pieces = 0;
      for await (const _ of result.textStream) pieces++;
      assert.match(await result.text, /7 degrees in Oslo/);
      assert.equal(await result.finishReason, "stop");
      assert.equal((await result.usage).outputTokens, 9);
      assert.ok(pieces > 1);
    });

    test(`${client} at ${model}: a tool is called and its result goes back`, async () => {
      const { text, steps } = await generateText({ ...of(), prompt, tools: { weather }, stopWhen: stepCountIs(3) });
      assert.equal(steps.length, 2);
      assert.deepEqual(steps[0].toolCalls[0].input, { city: "Oslo", degrees: 7 });
      assert.match(text, /7 degrees in Oslo/);
      assert.match(JSON.stringify(upstream.requests.at(-1).body.messages.at(-1)), /Oslo: 7/);
    });

    test(`${client} at ${model}: a tool is called in a stream`, async () => {
      const result = streamText({ ...of(), prompt, tools: { weather }, stopWhen: stepCountIs(3) });
      const kinds = [];
      for await (const part of result.fullStream) kinds.push(part.type);
      for (const kind of ["tool-input-delta", "tool-call", "tool-result", "text-delta", "finish"]) assert.ok(kinds.includes(kind), `${kind} of ${kinds}`);
      assert.ok(!kinds.includes("error"));
      assert.match(await result.text, /7 degrees in Oslo/);
    });

    test(`${client} at ${model}: an object`, async () => {
      const { output } = await generateText({ ...of(), prompt, output: Output.object({ schema: place }) });
      assert.deepEqual(output, { city: "Oslo", degrees: 7 });
    });
  }

  test(`${client}: a model that nobody serves is an error that says so`, async () => {
    await assert.rejects(generateText({ model: clients[client]("nobody-1"), maxRetries: 0, prompt }), e => e.statusCode === 404 && /nobody-1/.test(e.message));
  });

  test(`${client}: a client that leaves in the middle of a stream`, async () => {
    const leaving = new AbortController();
    const result = streamText({ model: clients[client]("sim-small"), maxRetries: 0, prompt, abortSignal: leaving.signal, onError: () => {} });
    for await (const _ of result.textStream) leaving.abort();
    assert.ok(leaving.signal.aborted);
  });
}

test("an embedding", async () => {
  const { embedding } = await embed({ model: clients.embedding("sim-small"), value: "Oslo", maxRetries: 0 });
  assert.ok(embedding.length > 0);
});
