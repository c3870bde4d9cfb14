using System.Buffers;
using System.Security.Cryptography;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Server.Requests;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Batches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Batches;

/// <summary><c>/v1/messages/batches</c>, as Anthropic's API has it.</summary>
internal sealed class BatchEndpoints(BatchStore store, BatchRunner runner, BatchOptions options, RequestPath path, TimeProvider time)
{
    private const string IdAlphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int CopyBuffer = 128 << 10;

    /// <summary>Maps the paths under a root such as <c>/anthropic</c>, or none.</summary>
    public void Map(IEndpointRouteBuilder routes, string root)
    {
        string all = root + "/v1/messages/batches", one = all + "/{id}";
        routes.MapPost(all, http => AsCallerAsync(http, CreateAsync));
        routes.MapGet(all, http => AsCallerAsync(http, ListAsync));
        routes.MapGet(one, http => OfCallerAsync(http, (batch, _) => WriteAsync(http, BatchWire.One(batch.View(), ResultsUrl(http, batch)))));
        routes.MapPost(one + "/cancel", http => OfCallerAsync(http, CancelAsync));
        routes.MapGet(one + "/results", http => OfCallerAsync(http, ResultsAsync));
        routes.MapDelete(one, http => OfCallerAsync(http, DeleteAsync));
    }

    private async Task AsCallerAsync(HttpContext http, Func<HttpContext, Caller, Task> serve)
    {
        ApiError? error = path.Identify(http, out Caller? caller) ?? ModelCall.CheckVersion(http.Request, out _);
        await (error is null ? serve(http, caller!) : RefuseAsync(http, error));
    }

    private Task OfCallerAsync(HttpContext http, Func<Batch, HttpContext, Task> serve) => AsCallerAsync(http, (_, caller) =>
    {
        string id = (string)http.Request.RouteValues["id"]!;
        return store.Find(caller.Tenant.Id, caller.Project?.Id, id) is { } batch ? serve(batch, http) : RefuseAsync(http, new(ApiErrorKind.NotFound, $"There is no batch {id}."));
    });

    private async Task CreateAsync(HttpContext http, Caller caller)
    {
        if (!RequestBody.IsJson(http)) { await RefuseAsync(http, RequestBody.NotJson); }
        else if (store.Length > options.LengthMax)
        {
            await RefuseAsync(http, new(ApiErrorKind.RateLimit, $"The batches kept here take more than {options.LengthMax >> 20} MiB. Delete those that have ended, or wait."));
        }
        else
        {
            string id = "msgbatch_" + RandomNumberGenerator.GetString(IdAlphabet, 24);
            string folder = store.CreateFolder(id);
            (Batch? batch, ApiError? error) = (null, new ApiError(ApiErrorKind.Api, "The batch could not be received."));
            try { (batch, error) = await ReceiveAsync(http, caller, id, folder); }
            finally
            {
                if (batch is null) { BatchStore.Discard(folder); }
            }

            if (batch is not null) { runner.Add(batch); }
            await (batch is null ? RefuseAsync(http, error!) : WriteAsync(http, BatchWire.One(batch.View(), ResultsUrl(http, batch))));
        }
    }

    private async Task<(Batch?, ApiError?)> ReceiveAsync(HttpContext http, Caller caller, string id, string folder)
    {
        (long length, ApiError? error) = await SpoolAsync(http, Path.Combine(folder, BatchRequests.BodyFile));
        if (error is not null) { return (null, error); }
        // Reading a quarter of a gigabyte takes a second of CPU; the requests' threads go on meanwhile.
        ModelCall.CheckVersion(http.Request, out string? version);
        (int total, error) = await Task.Run(() => Scan(folder, version!), http.RequestAborted);
        if (error is not null) { return (null, error); }
        long now = Instant.From(time.GetUtcNow()).Nanoseconds;
        return (store.Accept(new()
        {
            Id = id,
            Tenant = caller.Tenant.Id,
            Project = caller.Project?.Id,
            Key = caller.Key.Id,
            Headers = [.. HeadersOf(http.Request)],
            Total = total,
            Length = length,
            Created = now,
            Expires = now + BatchOptions.Lifetime.Ticks * 100,
        }), null);
    }

    private static async Task<(long, ApiError?)> SpoolAsync(HttpContext http, string file)
    {
        RequestBody.LiftServerLimit(http);
        if (http.Request.ContentLength > BatchOptions.BodyLengthMax) { return (0, RequestBody.TooLarge(BatchOptions.BodyLengthMax)); }
        (Stream body, ApiError? unknown) = BodyEncoding.Open(http);
        if (unknown is not null) { return (0, unknown); }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        try
        {
            await using var spool = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false);
            long length = 0;
            while (true)
            {
                int read = await body.ReadAsync(buffer, http.RequestAborted);
                length += read;
                if (length > BatchOptions.BodyLengthMax) { return (0, RequestBody.TooLarge(BatchOptions.BodyLengthMax)); }
                if (read == 0) { break; }
                spool.Write(buffer, 0, read);
            }

            spool.Flush(flushToDisk: true);
            return (length, null);
        }
        catch (BadHttpRequestException e)
        {
            return (0, RequestBody.Unreadable(e));
        }
        catch (Exception e) when (BodyEncoding.IsInvalid(e, body, http))
        {
            return (0, BodyEncoding.Invalid);
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private static (int, ApiError?) Scan(string folder, string version)
    {
        using FileStream body = File.OpenRead(Path.Combine(folder, BatchRequests.BodyFile));
        using FileStream table = new(Path.Combine(folder, BatchRequests.TableFile), FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 << 10);
        var scanner = new BatchScanner(version, item => BatchRequests.WriteEntry(table, item));
        ApiError? error = scanner.Scan(body);
        table.Flush(flushToDisk: true);
        return (scanner.Count, error);
    }

    // With each request go the headers of the one that made the batch, but for what was about itself alone.
    private static IEnumerable<KeyValuePair<string, string>> HeadersOf(HttpRequest request)
    {
        string? connection = request.Headers.Connection;
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Headers)
        {
            bool own = name.StartsWith("x-gigawatt-", StringComparison.OrdinalIgnoreCase);
            if ((!own && !ForwardableHeaders.MayForward(name, connection)) || name.StartsWith("content-", StringComparison.OrdinalIgnoreCase)) { continue; }
            foreach (string? value in values) { yield return new(name, value ?? ""); }
        }
    }

    private Task ListAsync(HttpContext http, Caller caller)
    {
        IReadOnlyList<Batch> all = store.Of(caller.Tenant.Id, caller.Project?.Id);
        (int start, int length, bool more, ApiError? error) = ListPage.Of(all.Count, http.Request.Query, id => all.TakeWhile(b => b.Facts.Id != id).Count() is var at && at < all.Count ? at : -1);
        if (error is not null) { return RefuseAsync(http, error); }
        return WriteAsync(http, BatchWire.List([.. all.Skip(start).Take(length).Select(b => (b.View(), ResultsUrl(http, b)))], more));
    }

    private Task CancelAsync(Batch batch, HttpContext http)
    {
        long now = Instant.From(time.GetUtcNow()).Nanoseconds;
        store.Change(batch, facts => facts.Ended is null && facts.CancelInitiated is null ? facts with { CancelInitiated = now } : facts);
        runner.Wake();
        return WriteAsync(http, BatchWire.One(batch.View(), ResultsUrl(http, batch)));
    }

    private static async Task ResultsAsync(Batch batch, HttpContext http)
    {
        if (batch.Facts.Ended is null)
        {
            await RefuseAsync(http, new(ApiErrorKind.NotFound, $"Batch {batch.Facts.Id} has no results yet; it has not ended."));
            return;
        }

        AnswerHeaders.WriteId(http.Response, Dialect.Anthropic, ModelCall.NewId());
        http.Response.ContentType = "application/x-jsonl";
        using Batch.Reader results = batch.OpenResults();
        foreach (ReadOnlyMemory<byte> line in results.Lines())
        {
            await http.Response.BodyWriter.WriteAsync(line, http.RequestAborted);
            await http.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
        }
    }

    private Task DeleteAsync(Batch batch, HttpContext http)
    {
        if (batch.Facts.Ended is null) { return RefuseAsync(http, new(ApiErrorKind.Conflict, $"Batch {batch.Facts.Id} has not ended; cancel it first.")); }
        store.Delete(batch);
        return WriteAsync(http, BatchWire.Deleted(batch.Facts.Id));
    }

    // As the client reaches this server, which may be by TLS that ends before it.
    private static string ResultsUrl(HttpContext http, Batch batch)
    {
        string scheme = http.Request.Headers["x-forwarded-proto"] == "https" ? "https" : http.Request.Scheme;
        string root = http.Request.Path.StartsWithSegments("/anthropic", StringComparison.Ordinal) ? "/anthropic" : "";
        return $"{scheme}://{http.Request.Host}{root}/v1/messages/batches/{batch.Facts.Id}/results";
    }

    private static Task RefuseAsync(HttpContext http, ApiError error) => AnswerHeaders.WriteErrorAsync(http, Dialect.Anthropic, ModelCall.NewId(), error);

    private static Task WriteAsync(HttpContext http, byte[] body) => AnswerHeaders.WriteJsonAsync(http, Dialect.Anthropic, body);
}
