using System.Buffers;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Server.Durability;
using Gigawatt.Units;

namespace Gigawatt.Server.Ledger;

/// <summary>What a frame of the usage journal says.</summary>
internal enum UsageFrameKind : byte
{
    /// <summary>Work is about to be dispatched; the record is its bound, to be charged when no settlement follows.</summary>
    Reserved = 1,

    /// <summary>Work ended; the record is final.</summary>
    Settled = 2,
}

/// <summary>The bytes of one frame of the usage journal: <c>u8 version | u8 kind | record</c>.</summary>
internal static class UsageCodec
{
    private const byte Version = 2;

    // Stands for a first byte that never went out; no work is admitted in the year 1678.
    private const long None = long.MinValue;

    /// <summary>Writes one frame's payload.</summary>
    public static void Write(IBufferWriter<byte> output, UsageFrameKind kind, UsageRecord record)
    {
        var writer = new RecordWriter(output);
        writer.Byte(Version);
        writer.Byte((byte)kind);
        writer.Text(record.Id);
        writer.Byte((byte)record.Kind);
        writer.Text(record.Tenant);
        writer.Text(record.Key);
        writer.Text(record.Subject);
        writer.Text(record.Endpoint);
        writer.Int64(record.Started.Nanoseconds);
        writer.Int64(record.Ended.Nanoseconds);
        writer.Int64(record.Tokens.Input);
        writer.Int64(record.Tokens.CacheRead);
        writer.Int64(record.Tokens.CacheWrite);
        writer.Int64(record.Tokens.Output);
        writer.Int64(record.AcceleratorMilliseconds);
        writer.Int64(record.CoreMilliseconds);
        writer.Int64(record.Cost.Micros);
        writer.Int64(record.Energy.Millijoules);
        writer.Byte((byte)record.EnergyMethod);
        writer.Int64(record.Carbon.Micrograms);
        writer.Int64(record.Water.Microlitres);
        writer.Text(record.Outcome);
        writer.Byte(record.TokensEstimated ? (byte)1 : (byte)0);
        writer.Text(record.Project);
        writer.Text(record.Model);
        writer.Text(record.Format);
        writer.Text(record.Decision);
        writer.Int64(record.Attempts);
        writer.Int64(record.FirstByte?.Nanoseconds ?? None);
        writer.Int64(record.Tokens.CacheWriteHour);
        writer.Int64(record.Tokens.Reasoning);
        writer.Int64(record.Tokens.WebSearches);
    }

    /// <summary>Reads one frame's payload.</summary>
    /// <exception cref="StoreException">A newer version wrote it, or it is not a usage frame.</exception>
    public static (UsageFrameKind Kind, UsageRecord Record) Read(ReadOnlySpan<byte> payload, string path)
    {
        var reader = new RecordReader(payload);
        try
        {
            byte version = reader.Byte();
            if (version > Version) { throw StoreException.Newer(path, version, Version); }
            var kind = (UsageFrameKind)reader.Byte();
            if (kind is not (UsageFrameKind.Reserved or UsageFrameKind.Settled)) { throw new InvalidDataException($"Frame kind {(byte)kind} is unknown."); }
            UsageRecord record = version == 1 ? OfVersion1(ReadCommon(ref reader)) : ReadRecord(ref reader);
            return reader.AtEnd ? (kind, record) : throw new InvalidDataException("A usage frame is longer than its record.");
        }
        catch (InvalidDataException e) { throw StoreException.Corrupt(path, e.Message, e); }
    }

    // Initialisers run in the order in which they are written, which is the order of the fields above.
    private static UsageRecord ReadRecord(ref RecordReader reader)
    {
        UsageRecord common = ReadCommon(ref reader);
        return common with
        {
            Project = reader.Text(),
            Model = reader.Text(),
            Format = reader.Text(),
            Decision = reader.Text(),
            Attempts = (int)reader.Int64(),
            FirstByte = reader.Int64() is var at && at == None ? null : new Instant(at),
            Tokens = common.Tokens with { CacheWriteHour = reader.Int64(), Reasoning = reader.Int64(), WebSearches = reader.Int64() },
        };
    }

    // Version 1 had the model asked for only, which was the one that answered, and every request was one attempt.
    private static UsageRecord OfVersion1(UsageRecord common) =>
        common.Kind == UsageKind.Job ? common : common with { Model = common.Subject, Attempts = 1 };

    private static UsageRecord ReadCommon(ref RecordReader reader) => new()
    {
        Id = reader.Text(),
        Kind = (UsageKind)reader.Byte(),
        Tenant = reader.Text(),
        Key = reader.Text(),
        Subject = reader.Text(),
        Endpoint = reader.Text(),
        Started = new(reader.Int64()),
        Ended = new(reader.Int64()),
        Tokens = new TokenUsage(reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64()),
        AcceleratorMilliseconds = reader.Int64(),
        CoreMilliseconds = reader.Int64(),
        Cost = new(reader.Int64()),
        Energy = new(reader.Int64()),
        EnergyMethod = (EnergyMethod)reader.Byte(),
        Carbon = new(reader.Int64()),
        Water = new(reader.Int64()),
        Outcome = reader.Text(),
        TokensEstimated = reader.Byte() != 0,
    };
}
