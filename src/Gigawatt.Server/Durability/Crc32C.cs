using System.Buffers.Binary;
using System.Numerics;

namespace Gigawatt.Server.Durability;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), on the processor's own instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/> alone.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    /// <summary>Carries a running, uninverted checksum over more bytes.</summary>
    public static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes) { crc = BitOperations.Crc32C(crc, b); }
        return crc;
    }
}
