using System.Text;
using Gigawatt.Wire;
using Gigawatt.Wire.Batches;

namespace Gigawatt.Tests.Batches;

public sealed class BatchScannerTests
{
    private const string Params = """{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Each_request_is_found_where_it_stands_however_the_bytes_come(int piece)
    {
        string body = " {\"x\":[{\"requests\":[1]}], \"requests\": [\n" + string.Join(" ,\n", Enumerable.Range(0, 50).Select(i =>
            i % 2 == 0 ? $$"""{"custom_id":"id-{{i}}","params":{{Params}}}""" : $$"""{ "params" : {{Params.Replace("hi", new string('x', i * 3_000), StringComparison.Ordinal)}} , "y":{}, "custom_id":"id_{{i}}" }""")) + "], \"z\":null }\n";
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var found = new List<BatchItem>();
        var scanner = new BatchScanner(AnthropicVersion.V2026_10_21, found.Add);
        Assert.Null(scanner.Scan(new Trickle(bytes, piece)));
        Assert.Equal(50, scanner.Count);
        Assert.Equal(["id-0", "id_1", "id-48", "id_49"], [found[0].CustomId, found[1].CustomId, found[48].CustomId, found[49].CustomId]);
        Assert.All(found, item =>
        {
            string at = Encoding.UTF8.GetString(bytes, (int)item.Offset, item.Length);
            Assert.StartsWith("{\"model\":\"m\"", at, StringComparison.Ordinal);
            Assert.EndsWith("}]}", at, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("[]", "The request body must be a JSON object.")]
    [InlineData("{}", "requests: expected at least one request.")]
    [InlineData("{\"requests\":[]}", "requests: expected at least one request.")]
    [InlineData("{\"requests\":5}", "requests: expected an array of requests.")]
    [InlineData("{\"requests\":[5]}", "requests.0: expected an object.")]
    [InlineData("{\"requests\":[P1],\"requests\":[P2]}", "requests: expected to be given once.")]
    [InlineData("{\"requests\":[P1,P1]}", "requests.1.custom_id: expected to be different from all others; a1 is there twice.")]
    [InlineData("{\"requests\":[{\"params\":{}}]}", "requests.0.custom_id: expected 1 to 64 letters, digits, dashes and underscores.")]
    [InlineData("{\"requests\":[{\"custom_id\":\"a b\",\"params\":{}}]}", "requests.0.custom_id: expected 1 to 64 letters, digits, dashes and underscores.")]
    [InlineData("{\"requests\":[P1,{\"custom_id\":\"b\"}]}", "requests.1.params: expected the body of a message request.")]
    [InlineData("{\"requests\":[{\"custom_id\":\"b\",\"params\":{\"model\":\"m\"}}]}", "requests.0.params.max_tokens: expected a whole number of at least 1; it is missing.")]
    [InlineData("{\"requests\":[P1,{\"custom_id\":\"b\",\"params\":{\"model\":\"m\",\"max_tokens\":1,\"temperature\":1,\"messages\":[{}]}}]}", "requests.1.params.temperature: expected to be absent under anthropic-version 2026-10-21.")]
    [InlineData("{\"requests\":[{\"custom_id\":\"b\",\"params\":{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"document\"}]}]}}]}", "requests.0.params.messages.0.content.0: expected no document block")]
    [InlineData("{\"requests\":[{\"custom_id\":\"b\",\"params\":{\"model\":\"m\",\"max_tokens\":1,\"stream\":true,\"messages\":[{}]}}]}", "requests.0.params.stream: expected false in a batch.")]
    [InlineData("{\"requests\":[P1", "The request body is not valid JSON")]
    [InlineData("{\"requests\":[P1]} x", "The request body is not valid JSON")]
    [InlineData("", "The request body is not valid JSON")]
    public void What_is_wrong_is_said_with_the_request_and_the_field(string body, string message)
    {
        body = body.Replace("P1", $$"""{"custom_id":"a1","params":{{Params}}}""", StringComparison.Ordinal).Replace("P2", $$"""{"custom_id":"a2","params":{{Params}}}""", StringComparison.Ordinal);
        ApiError? error = new BatchScanner(AnthropicVersion.V2026_10_21, static _ => { }).Scan(new MemoryStream(Encoding.UTF8.GetBytes(body)));
        Assert.StartsWith(message, error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_results_is_one_line()
    {
        byte[] line = BatchWire.ResultLine("a", BatchOutcome.Succeeded, "{\n  \"id\": \"msg\\n1\"\r\n}"u8);
        Assert.Equal("""{"custom_id":"a","result":{"type":"succeeded","message":{   "id": "msg\n1"  }}}""", Encoding.UTF8.GetString(line));
        Assert.Equal("""{"custom_id":"a","result":{"type":"expired"}}""", Encoding.UTF8.GetString(BatchWire.ResultLine("a", BatchOutcome.Expired, [])));
    }

    private sealed class Trickle(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
