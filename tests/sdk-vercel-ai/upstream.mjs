// A provider for the tests: it answers like Anthropic's messages and OpenAI's chat completions. Asked with tools, it calls the
// first one; given a tool's result, or without tools, it says what it was told.
import http from "node:http";

const text = "It is 7 degrees in Oslo.";
const input = { city: "Oslo", degrees: 7 };

export function startUpstream() {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.method !== "POST") return response.writeHead(404).end("{}");
    const asked = JSON.parse(body);
    requests.push({ url: request.url, headers: request.headers, body: asked });
    const answer = request.url.startsWith("/v1/messages") ? anthropic(asked) : chat(asked);
    if (!asked.stream) return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer.json));
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of answer.events) response.write(event);
    response.end();
  });
  return new Promise(resolve => server.listen(0, "127.0.0.1", () => resolve({ url: `http://127.0.0.1:${server.address().port}`, requests, close: () => server.close() })));
}

function anthropic(asked) {
  const results = JSON.stringify(asked.messages.at(-1)).includes("tool_result");
  const tool = results ? undefined : asked.tools?.[0];
  const wantsJson = JSON.stringify(asked).includes("json_schema");
  const said = wantsJson ? JSON.stringify(input) : text;
  const block = tool ? { type: "tool_use", id: "toolu_1", name: tool.name, input } : { type: "text", text: said };
  const stop = tool ? "tool_use" : "end_turn";
  const message = { id: "msg_1", type: "message", role: "assistant", model: asked.model, content: [block], stop_reason: stop, stop_sequence: null, usage: { input_tokens: 20, output_tokens: 9 } };
  const event = data => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const whole = tool ? JSON.stringify(input) : said;
  const pieces = [whole.slice(0, 5), whole.slice(5)];
  return {
    json: message,
    events: [
      event({ type: "message_start", message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 20, output_tokens: 1 } } }),
      event({ type: "content_block_start", index: 0, content_block: tool ? { ...block, input: {} } : { type: "text", text: "" } }),
      event({ type: "ping" }),
      ...pieces.map(piece => event({ type: "content_block_delta", index: 0, delta: tool ? { type: "input_json_delta", partial_json: piece } : { type: "text_delta", text: piece } })),
      event({ type: "content_block_stop", index: 0 }),
      event({ type: "message_delta", delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 9 } }),
      event({ type: "message_stop" }),
    ],
  };
}

function chat(asked) {
  const results = asked.messages.at(-1).role === "tool";
  const tool = results ? undefined : asked.tools?.[0]?.function;
  const said = asked.response_format ? JSON.stringify(input) : text;
  const call = tool && { id: "call_1", type: "function", function: { name: tool.name, arguments: JSON.stringify(input) } };
  const stop = tool ? "tool_calls" : "stop";
  const usage = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 };
  const head = { id: "c1", created: 1, model: asked.model };
  const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  return {
    json: { ...head, object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: tool ? null : said, ...(tool && { tool_calls: [call] }) }, finish_reason: stop }], usage },
    events: [
      chunk({ role: "assistant", content: tool ? null : "" }),
      ...(tool
        ? [chunk({ tool_calls: [{ index: 0, ...call, function: { name: tool.name, arguments: "" } }] }), ...[call.function.arguments.slice(0, 5), call.function.arguments.slice(5)].map(a => chunk({ tool_calls: [{ index: 0, function: { arguments: a } }] }))]
        : [chunk({ content: said.slice(0, 5) }), chunk({ content: said.slice(5) })]),
      chunk({}, stop),
      `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [], usage })}\n\n`,
      "data: [DONE]\n\n",
    ],
  };
}
