using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gigawatt.Server.Durability;

/// <summary>The bytes of a <see cref="FramedLog"/>: a header of 24 bytes, then frames. All numbers are little-endian.</summary>
/// <remarks>
/// <code>
/// header:  magic "GWFRAMES" | u32 format version | u32 CRC of magic, version and salt | u64 salt
/// frame:   u32 payload length (1 or more) | u32 CRC of salt, offset, length and payload | payload
/// </code>
/// A frame's checksum covers the file's random salt and the frame's own offset. So bytes that look like a frame count only
/// where they were written: neither a payload that contains a frame nor a stale disk block of an older log can pass for one.
/// </remarks>
internal readonly struct FrameFormat
{
    public const int HeaderLength = 24;
    public const int FrameHeaderLength = 8;
    public const int PayloadLengthMax = 64 << 20;
    public const uint Version = 1;

    private readonly uint _seed;

    private FrameFormat(ulong salt)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, salt);
        _seed = Crc32C.Update(uint.MaxValue, bytes);
    }

    private static ReadOnlySpan<byte> Magic => "GWFRAMES"u8;

    /// <summary>Fills in the header of a new file.</summary>
    public static FrameFormat Create(Span<byte> header)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        RandomNumberGenerator.Fill(header[16..24]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], HeaderChecksum(header));
        return new(BinaryPrimitives.ReadUInt64LittleEndian(header[16..]));
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="StoreException">Not a log of ours, of a newer version, or damaged.</exception>
    public static FrameFormat Read(ReadOnlySpan<byte> header, string path)
    {
        if (!header[..8].SequenceEqual(Magic)) { throw StoreException.Corrupt(path, "it does not begin as a Gigawatt log"); }
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version > Version) { throw StoreException.Newer(path, version, Version); }
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != HeaderChecksum(header))
        {
            throw StoreException.Corrupt(path, "the checksum of its header is wrong");
        }

        return new(BinaryPrimitives.ReadUInt64LittleEndian(header[16..]));
    }

    /// <summary>Whether <paramref name="start"/>, shorter than a header, is what a crash while creating a log leaves.</summary>
    public static bool IsTornHeader(ReadOnlySpan<byte> start) =>
        start[..Math.Min(start.Length, 8)].SequenceEqual(Magic[..Math.Min(start.Length, 8)]);

    /// <summary>Writes one frame that will stand at <paramref name="offset"/>; returns its length.</summary>
    public int Write(Span<byte> destination, long offset, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Checksum(offset, payload));
        payload.CopyTo(destination[FrameHeaderLength..]);
        return FrameHeaderLength + payload.Length;
    }

    /// <summary>The payload's length and checksum as the frame's head states them.</summary>
    public static (uint Length, uint Checksum) ReadFrameHeader(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));

    /// <summary>The checksum that a frame at <paramref name="offset"/> with this payload carries.</summary>
    public uint Checksum(long offset, ReadOnlySpan<byte> payload)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(place, offset);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], payload.Length);
        return ~Crc32C.Update(Crc32C.Update(_seed, place), payload);
    }

    /// <summary>Whether <paramref name="bytes"/>, which stand at <paramref name="offset"/> in the file, begin with a whole and sound frame.</summary>
    public bool IsSound(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length <= FrameHeaderLength) { return false; }
        (uint length, uint checksum) = ReadFrameHeader(bytes);
        return length is > 0 and <= PayloadLengthMax && length <= bytes.Length - FrameHeaderLength
            && Checksum(offset, bytes.Slice(FrameHeaderLength, (int)length)) == checksum;
    }

    private static uint HeaderChecksum(ReadOnlySpan<byte> header) =>
        ~Crc32C.Update(Crc32C.Update(uint.MaxValue, header[..12]), header[16..24]);
}
