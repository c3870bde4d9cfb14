using System.Buffers;
using CsCheck;
using Gigawatt.Metering;
using Gigawatt.Server.Durability;
using Gigawatt.Server.Ledger;

namespace Gigawatt.Tests.Ledger;

public sealed class UsageCodecTests
{
    [Fact]
    public void Any_record_comes_back_equal() => UsageRecords.Any.Sample(record =>
    {
        (UsageFrameKind kind, UsageRecord read) = UsageCodec.Read(Encode(record), "p");
        Assert.Equal(UsageFrameKind.Settled, kind);
        Assert.Equal(record, read);
    }, iter: 200);

    [Fact]
    public void A_frame_cut_short_or_too_long_is_damage_not_a_record()
    {
        byte[] bytes = Encode(UsageRecords.Record("r1"));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(StoreProblem.Corrupt, Assert.Throws<StoreException>(() => UsageCodec.Read(bytes.AsSpan(0, length), "p")).Problem);
        }

        Assert.Equal(StoreProblem.Corrupt, Assert.Throws<StoreException>(() => UsageCodec.Read([.. bytes, 0], "p")).Problem);
    }

    [Fact]
    public void A_frame_of_a_newer_version_says_so()
    {
        byte[] bytes = Encode(UsageRecords.Record("r1"));
        bytes[0]++;
        Assert.Equal(StoreProblem.NewerVersion, Assert.Throws<StoreException>(() => UsageCodec.Read(bytes, "p")).Problem);
    }

    [Fact]
    public void A_frame_of_version_1_is_read_with_what_was_true_then()
    {
        // Version 2 put its fields behind those of version 1.
        UsageRecord record = UsageRecords.Record("r1") with { Format = "", Attempts = 0, Model = "" };
        byte[] bytes = Encode(record);
        const int Added = 4 * sizeof(ushort) + 5 * sizeof(long);
        bytes = bytes[..^Added];
        bytes[0] = 1;
        Assert.Equal(record with { Model = record.Subject, Attempts = 1 }, UsageCodec.Read(bytes, "p").Record);
    }

    private static byte[] Encode(UsageRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        UsageCodec.Write(buffer, UsageFrameKind.Settled, record);
        return buffer.WrittenSpan.ToArray();
    }
}
