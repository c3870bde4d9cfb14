using System.Text;
using CsCheck;
using Gigawatt.Server.Responses;
using Gigawatt.Wire.Responses;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Tests.Responses;

/// <summary>What stands before the body of an answer changes the objects that say what is kept, and nothing else.</summary>
public sealed class ResponseTapTests
{
    private const string Request = """{"model":"m","input":"x","metadata":{"k":"\"response\":"},"temperature":0.50}""";

    private static readonly string[] Events =
    [
        ": a comment\r\n\r\n",
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\", \"x\" : 1.0}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"\\\"response\\\":{}\"}\n\n",
        "event: response.tomorrow\r\ndata: {\"type\":\"response.tomorrow\",\"other\":[1, 2]}\r\n\r\n",
        "data:{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[]},\"sequence_number\":4}\n\n",
        "data: [DONE]",
    ];

    [Fact]
    public void A_stream_comes_out_the_same_however_it_is_cut_and_its_answer_once()
    {
        const string Kept = """{"id":"resp_1","status":"completed","output":[],"store":true,"previous_response_id":"resp_0","metadata":{"k":"\"response\":"},"temperature":0.50}""";
        string expected = Events[0]
            + "event: response.created\ndata: {\"type\":\"response.created\",\"response\":" + Kept.Replace("\"status\":\"completed\",\"output\":[]", "\"status\":\"in_progress\",\"x\" : 1.0", StringComparison.Ordinal) + "}\n\n"
            + Events[2] + Events[3]
            + "data:{\"type\":\"response.completed\",\"response\":" + Kept + ",\"sequence_number\":4}\n\n" + Events[5];
        byte[] whole = Encoding.UTF8.GetBytes(string.Concat(Events));
        Gen.Int[1, whole.Length].Array[0, 12].Sample(cuts =>
        {
            int[] ends = [.. cuts.Append(whole.Length).Order()];
            (string sent, List<string> answers) = Run("text/event-stream; charset=utf-8", 200, whole, ends);
            return sent == expected && answers is [Kept];
        });
    }

    [Theory]
    [InlineData("text/event-stream", 500)]
    [InlineData("application/json", 400)]
    public void Errors_pass_as_they_are(string contentType, int status)
    {
        byte[] whole = Encoding.UTF8.GetBytes(string.Concat(Events));
        (string sent, List<string> answers) = Run(contentType, status, whole, [10, whole.Length]);
        Assert.Equal(string.Concat(Events), sent);
        Assert.Empty(answers);
    }

    [Fact]
    public void A_document_that_says_already_what_is_so_keeps_its_bytes()
    {
        const string Same = """{ "id":"resp_1","status" : "completed","store":true,"previous_response_id":"resp_0" }""";
        (string sent, List<string> answers) = Run("application/json", 200, Encoding.UTF8.GetBytes(Same), [3, Same.Length]);
        Assert.Equal(Same, sent);
        Assert.Equal([Same], answers);
        const string Failed = """{"id":"resp_1","status":"failed","store":true,"previous_response_id":"resp_0"}""";
        Assert.Empty(Run("application/json", 200, Encoding.UTF8.GetBytes(Failed), [Failed.Length]).Answers);
    }

    private static (string Sent, List<string> Answers) Run(string contentType, int status, byte[] whole, int[] ends)
    {
        using var sent = new MemoryStream();
        List<string> answers = [];
        var http = new DefaultHttpContext();
        http.Response.Body = sent;
        ResponseTap tap = ResponseTap.Begin(http, new KeptAnswer(Encoding.UTF8.GetBytes(Request), store: true, "resp_0"), (answer, _) => answers.Add(Encoding.UTF8.GetString(answer.Span)));
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        if (contentType == "application/json") { http.Response.ContentLength = whole.Length; }
        int from = 0;
        foreach (int end in ends)
        {
            Write(http, whole.AsMemory(from..end));
            from = end;
        }

        tap.EndAsync().AsTask().Wait();
        return (Encoding.UTF8.GetString(sent.ToArray()), answers);
    }

    // Both ways of writing, as the path uses both.
    private static void Write(HttpContext http, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length % 2 == 0) { http.Response.Body.WriteAsync(bytes).AsTask().Wait(); }
        else
        {
            bytes.CopyTo(http.Response.BodyWriter.GetMemory(bytes.Length));
            http.Response.BodyWriter.Advance(bytes.Length);
            http.Response.BodyWriter.FlushAsync().AsTask().Wait();
        }
    }
}
