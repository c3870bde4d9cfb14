using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gigawatt.Units;

namespace Gigawatt.Wire.Batches;

/// <summary>How far a batch is.</summary>
public enum BatchStatus
{
    /// <summary>Its requests are being worked off.</summary>
    InProgress,

    /// <summary>No further request is begun; those under way come to their end.</summary>
    Canceling,

    /// <summary>Every request has its result.</summary>
    Ended,
}

/// <summary>How a request of a batch ended.</summary>
public enum BatchOutcome
{
    /// <summary>With an answer.</summary>
    Succeeded,

    /// <summary>With an error.</summary>
    Errored,

    /// <summary>It was not begun before the batch was cancelled.</summary>
    Canceled,

    /// <summary>It was not begun within the batch's time.</summary>
    Expired,
}

/// <summary>How many requests of a batch are where; the sum is the batch.</summary>
/// <param name="Processing">Waiting or under way.</param>
/// <param name="Succeeded">See <see cref="BatchOutcome"/>.</param>
/// <param name="Errored">See <see cref="BatchOutcome"/>.</param>
/// <param name="Canceled">See <see cref="BatchOutcome"/>.</param>
/// <param name="Expired">See <see cref="BatchOutcome"/>.</param>
public readonly record struct BatchCounts(int Processing, int Succeeded, int Errored, int Canceled, int Expired);

/// <summary>A batch as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Counts">Its requests.</param>
/// <param name="Created">When it was accepted.</param>
/// <param name="Expires">When requests that were not begun expire.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="CancelInitiated">When it was cancelled, or null.</param>
public sealed record BatchView(string Id, BatchStatus Status, BatchCounts Counts, Instant Created, Instant Expires, Instant? Ended, Instant? CancelInitiated);

/// <summary>Batches as Anthropic's API writes them.</summary>
public static class BatchWire
{
    /// <summary>One batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="resultsUrl">Where its results are; written once it has ended.</param>
    public static byte[] One(BatchView batch, string resultsUrl) => JsonBytes.Write((batch, resultsUrl), static (json, b) => Write(json, b.batch, b.resultsUrl));

    /// <summary>A page of batches.</summary>
    /// <param name="batches">Batches with the addresses of their results.</param>
    /// <param name="hasMore">Whether there are further pages.</param>
    public static byte[] List(IReadOnlyList<(BatchView Batch, string ResultsUrl)> batches, bool hasMore) => JsonBytes.Write((batches, hasMore), static (json, list) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach ((BatchView batch, string url) in list.batches) { Write(json, batch, url); }
        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, list.hasMore);
        json.WriteString("first_id"u8, list.batches.Count == 0 ? null : list.batches[0].Batch.Id);
        json.WriteString("last_id"u8, list.batches.Count == 0 ? null : list.batches[^1].Batch.Id);
        json.WriteEndObject();
    });

    /// <summary>The answer to a deletion.</summary>
    public static byte[] Deleted(string id) => JsonBytes.Write(id, static (json, id) =>
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "message_batch_deleted"u8);
        json.WriteEndObject();
    });

    /// <summary>One line of the results, without its line feed.</summary>
    /// <param name="customId">The caller's name for the request.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="body">The answer, or the error's whole body; empty for the other outcomes. Line feeds in it, which JSON has only
    /// between its values, become spaces.</param>
    public static byte[] ResultLine(string customId, BatchOutcome outcome, ReadOnlySpan<byte> body)
    {
        var line = new ArrayBufferWriter<byte>(body.Length + 128);
        line.Write("{\"custom_id\":\""u8);
        line.Write(System.Text.Encoding.ASCII.GetBytes(customId));
        line.Write(outcome switch
        {
            BatchOutcome.Succeeded => "\",\"result\":{\"type\":\"succeeded\",\"message\":"u8,
            BatchOutcome.Errored => "\",\"result\":{\"type\":\"errored\",\"error\":"u8,
            BatchOutcome.Canceled => "\",\"result\":{\"type\":\"canceled\""u8,
            _ => "\",\"result\":{\"type\":\"expired\""u8,
        });
        Span<byte> span = line.GetSpan(body.Length)[..body.Length];
        body.CopyTo(span);
        span.Replace((byte)'\n', (byte)' ');
        span.Replace((byte)'\r', (byte)' ');
        line.Advance(body.Length);
        line.Write("}}"u8);
        return line.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, BatchView batch, string resultsUrl)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, batch.Id);
        json.WriteString("type"u8, "message_batch"u8);
        json.WriteString("processing_status"u8, batch.Status switch
        {
            BatchStatus.InProgress => "in_progress",
            BatchStatus.Canceling => "canceling",
            _ => "ended",
        });
        json.WriteStartObject("request_counts"u8);
        json.WriteNumber("processing"u8, batch.Counts.Processing);
        json.WriteNumber("succeeded"u8, batch.Counts.Succeeded);
        json.WriteNumber("errored"u8, batch.Counts.Errored);
        json.WriteNumber("canceled"u8, batch.Counts.Canceled);
        json.WriteNumber("expired"u8, batch.Counts.Expired);
        json.WriteEndObject();
        WriteTime(json, "ended_at"u8, batch.Ended);
        WriteTime(json, "created_at"u8, batch.Created);
        WriteTime(json, "expires_at"u8, batch.Expires);
        WriteTime(json, "archived_at"u8, null);
        WriteTime(json, "cancel_initiated_at"u8, batch.CancelInitiated);
        json.WriteString("results_url"u8, batch.Status == BatchStatus.Ended ? resultsUrl : null);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, Instant? time)
    {
        if (time is { } at) { json.WriteString(name, at.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)); }
        else { json.WriteNull(name); }
    }
}
