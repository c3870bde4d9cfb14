using System.Buffers.Binary;
using System.Text;
using Gigawatt.Wire.Batches;
using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Server.Batches;

/// <summary>The requests of a batch on the disk: the body as it came, and a table of where in it each request stands.</summary>
/// <remarks>An entry of the table has 80 bytes: offset (8) and length (4) of the request's <c>params</c>, length (1) and text (64)
/// of its name, and zeros. So any request is found with two reads, and none is held in memory.</remarks>
internal sealed class BatchRequests : IDisposable
{
    /// <summary>Name of the body's file.</summary>
    public const string BodyFile = "body.json";

    /// <summary>Name of the table's file.</summary>
    public const string TableFile = "requests.idx";

    private const int EntryLength = 80;

    private readonly SafeFileHandle _body;
    private readonly SafeFileHandle _table;

    /// <summary>Opens those of a batch.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public BatchRequests(string folder)
    {
        _body = File.OpenHandle(Path.Combine(folder, BodyFile));
        try { _table = File.OpenHandle(Path.Combine(folder, TableFile)); }
        catch
        {
            _body.Dispose();
            throw;
        }
    }

    /// <summary>Writes an entry of the table.</summary>
    public static void WriteEntry(Stream table, BatchItem item)
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        entry.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(entry, item.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], item.Length);
        entry[12] = (byte)item.CustomId.Length;
        Encoding.ASCII.GetBytes(item.CustomId, entry[13..]);
        table.Write(entry);
    }

    /// <summary>The caller's name of a request.</summary>
    public string CustomId(int index) => Entry(index).CustomId;

    /// <summary>The <c>params</c> of a request.</summary>
    public byte[] Params(int index)
    {
        BatchItem item = Entry(index);
        byte[] bytes = new byte[item.Length];
        ReadExactly(_body, bytes, item.Offset);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _body.Dispose();
        _table.Dispose();
    }

    private BatchItem Entry(int index)
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        ReadExactly(_table, entry, (long)index * EntryLength);
        return new(Encoding.ASCII.GetString(entry.Slice(13, entry[12])), BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[8..]));
    }

    private static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(file, bytes, offset);
            if (read == 0) { throw new EndOfStreamException("A batch's file is shorter than it was."); }
            bytes = bytes[read..];
            offset += read;
        }
    }
}
