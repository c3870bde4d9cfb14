using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Server;
using Microsoft.AspNetCore.Http;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What the four stages leave for the garbage collector, without the sockets on both sides.</summary>
public sealed class AllocationTests
{
    // 2,300 were measured when this was written; what a change adds is to be seen here before it is in a benchmark.
    private const long Most = 2_450;

    [Fact]
    public async Task A_request_through_the_path_allocates_little()
    {
        await using Gateway gateway = await Gateway.StartAsync((new Canned(), ["claude-*"]));
        RequestPath path = gateway.Path;
        DefaultHttpContext[] contexts = [.. Enumerable.Range(0, 300).Select(_ => Context(gateway))];
        for (int i = 0; i < 200; i++) { await path.ServeAsync(contexts[i], Dialect.Anthropic); }
        long most = 0, least = long.MaxValue;
        for (int i = 200; i < 300; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Task served = path.ServeAsync(contexts[i], Dialect.Anthropic);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(served.IsCompletedSuccessfully);
            (most, least) = (Math.Max(most, allocated), Math.Min(least, allocated));
        }

        Assert.Equal(200, contexts[299].Response.StatusCode);
        TestContext.Current.SendDiagnosticMessage($"{least} to {most} bytes a request");
        Assert.InRange(least, 1, Most);
    }

    private static DefaultHttpContext Context(Gateway gateway)
    {
        var http = new DefaultHttpContext();
        byte[] body = Utf8(MessagesBody);
        http.Request.Method = "POST";
        http.Request.Path = "/v1/messages";
        http.Request.ContentType = "application/json";
        http.Request.ContentLength = body.Length;
        http.Request.Body = new MemoryStream(body);
        http.Request.Headers["x-api-key"] = gateway.Key.Secret;
        http.Request.Headers["anthropic-version"] = "2023-06-01";
        // The collections of headers grow once, before it is counted.
        http.Response.Headers["x-warm"] = "1";
        http.Response.Body = new MemoryStream(4_096);
        return http;
    }

    /// <summary>Answers at once, on the caller's thread.</summary>
    private sealed class Canned : IModelProvider
    {
        private static readonly byte[] Answer = Utf8(MessagesAnswer);
        private static readonly KeyValuePair<string, string>[] Headers = [new("Content-Type", "application/json")];

        public string Name => "canned";

        public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.Anthropic];

        public ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken) => new(new ProviderAnswer(200, Headers, new MemoryStream(Answer)));

        public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);
    }
}
