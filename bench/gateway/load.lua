-- wrk script: one body over and over. Environment: TARGET_PATH, STREAM (0 or 1), KEY, EXTRA ("name=value;name=value").
wrk.method = "POST"
wrk.path = os.getenv("TARGET_PATH") or "/v1/messages"
wrk.headers["content-type"] = "application/json"
wrk.headers["x-api-key"] = os.getenv("KEY") or "sk-bench"
wrk.headers["authorization"] = "Bearer " .. (os.getenv("KEY") or "sk-bench")
wrk.headers["anthropic-version"] = "2023-06-01"
for pair in string.gmatch(os.getenv("EXTRA") or "", "([^;]+)") do
  local name, value = string.match(pair, "([^=]+)=(.*)")
  wrk.headers[name] = value
end
local stream = os.getenv("STREAM") == "1" and ',"stream":true' or ""
wrk.body = '{"model":"claude-sonnet-4-5","max_tokens":1024' .. stream
  .. ',"messages":[{"role":"user","content":"What is the capital of France? Answer in one sentence, please, and be brief."}]}'
done = function(summary, latency, requests)
  io.write(string.format("RESULT requests=%d seconds=%.3f p50_ms=%.3f p99_ms=%.3f failed=%d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
