using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Gigawatt.Twin.Traces;

/// <summary>Reads a file of comma-separated values with a header line, plain or gzip-compressed.</summary>
/// <remarks>As RFC 4180 has it: fields in double quotes may hold commas, line ends and doubled quotes. Blank lines are skipped. A row
/// may be shorter than the header (the columns it lacks are empty) but not longer. The whole text is held in memory.</remarks>
internal sealed class CsvReader
{
    private readonly string _text;
    private readonly List<(int Start, int Length, bool HasQuotes)> _fields = [];
    private readonly string[] _header;
    private int _at;
    private int _nextLine = 1;

    private CsvReader(string path, string text)
    {
        Path = path;
        _text = text;
        if (!ReadFields()) { throw Bad("", "expected a header line; the file is empty"); }
        _header = new string[_fields.Count];
        for (int i = 0; i < _header.Length; i++) { _header[i] = Field(i).Trim().ToString(); }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The line on which the current row starts, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Reads a file and its header. Whether it is compressed is seen from its first bytes.</summary>
    /// <exception cref="TraceFormatException">It is empty, or its compression is damaged or cut off.</exception>
    public static CsvReader Open(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        using Stream stream = bytes is [0x1f, 0x8b, _, _, ..] ? Decompress(path, bytes) : new MemoryStream(bytes);
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        return new CsvReader(path, reader.ReadToEnd());
    }

    private static MemoryStream Decompress(string path, byte[] bytes)
    {
        var plain = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            gzip.CopyTo(plain);
        }
        catch (InvalidDataException)
        {
            throw new TraceFormatException(path, 1, "", "expected a gzip file; its data are damaged");
        }

        // GZipStream takes a file that was cut off for a shorter one. The format ends with the length of the text (RFC 1952, ISIZE;
        // of the last part where there are several), so a text shorter than that is not all of it.
        if (plain.Length < BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)))
        {
            throw new TraceFormatException(path, 1, "", "expected a whole gzip file; this one is cut off");
        }

        plain.Position = 0;
        return plain;
    }

    /// <summary>The number of a column that must be there.</summary>
    public int Column(string name)
    {
        int column = FindColumn(name);
        return column >= 0
            ? column
            : throw new TraceFormatException(Path, 1, "", $"expected a column '{name}'; the columns are {string.Join(", ", _header)}");
    }

    /// <summary>The number of a column, or -1 when the file does not have it.</summary>
    public int FindColumn(string name) => Array.IndexOf(_header, name);

    /// <summary>Goes to the next row that is not blank.</summary>
    public bool Read()
    {
        if (!ReadFields()) { return false; }
        if (_fields.Count > _header.Length)
        {
            throw Bad("", $"expected at most {_header.Length} fields as in the header, found {_fields.Count}");
        }

        return true;
    }

    /// <summary>A field of the current row; empty where the row or the file does not have it.</summary>
    public ReadOnlySpan<char> Field(int column)
    {
        if ((uint)column >= (uint)_fields.Count) { return default; }
        (int start, int length, bool hasQuotes) = _fields[column];
        ReadOnlySpan<char> field = _text.AsSpan(start, length);
        return hasQuotes ? field.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : field;
    }

    /// <summary>A field that must not be empty.</summary>
    public string Text(int column, string what)
    {
        ReadOnlySpan<char> field = Field(column).Trim();
        return field.IsEmpty ? throw Unexpected(column, what) : field.ToString();
    }

    /// <summary>A field that must be a whole number within bounds.</summary>
    public long Integer(int column, long least, long most)
    {
        ReadOnlySpan<char> field = Field(column).Trim();
        if (!long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && !(decimal.TryParse(field, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal real)
                && real == decimal.Truncate(real) && decimal.Abs(real) <= long.MaxValue && (value = (long)real) == real))
        {
            throw Unexpected(column, $"a whole number from {least} to {most}");
        }

        return value >= least && value <= most ? value : throw Unexpected(column, $"a whole number from {least} to {most}");
    }

    /// <summary>A field that must be a number within bounds.</summary>
    public double Number(int column, double least, double most)
    {
        ReadOnlySpan<char> field = Field(column).Trim();
        return double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most
            ? value
            : throw Unexpected(column, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));
    }

    /// <summary>The error that a field is not what was expected.</summary>
    public TraceFormatException Unexpected(int column, string expected)
    {
        ReadOnlySpan<char> found = Field(column);
        string shown = found.IsEmpty ? "nothing" : found.Length > 40 ? $"'{found[..40]}…'" : $"'{found}'";
        return Bad(_header[column], $"expected {expected}, found {shown}");
    }

    private TraceFormatException Bad(string column, string problem) => new(Path, Math.Max(1, Line), column, problem);

    private bool ReadFields()
    {
        _fields.Clear();
        while (_at < _text.Length && _text[_at] is '\n' or '\r') { SkipLineEnd(); }
        if (_at >= _text.Length) { return false; }
        Line = _nextLine;
        while (true)
        {
            bool more = _at < _text.Length && _text[_at] == '"' ? ReadQuoted() : ReadPlain();
            if (!more) { return true; }
        }
    }

    // Both return whether another field follows on the line.
    private bool ReadPlain()
    {
        int length = _text.AsSpan(_at).IndexOfAny(',', '\n', '\r');
        if (length < 0) { length = _text.Length - _at; }
        _fields.Add((_at, length, false));
        _at += length;
        return EndField();
    }

    private bool ReadQuoted()
    {
        int start = ++_at;
        bool hasQuotes = false;
        for (; _at < _text.Length; _at++)
        {
            if (_text[_at] == '\n') { _nextLine++; }
            if (_text[_at] != '"') { continue; }
            if (_at + 1 >= _text.Length || _text[_at + 1] != '"') { break; }
            hasQuotes = true;
            _at++;
        }

        if (_at >= _text.Length) { throw Bad("", "expected a closing quote; the file ends before it"); }
        _fields.Add((start, _at - start, hasQuotes));
        _at++;
        if (_at < _text.Length && _text[_at] is not (',' or '\n' or '\r')) { throw Bad("", "expected a comma or the line's end after a closing quote"); }
        return EndField();
    }

    private bool EndField()
    {
        if (_at >= _text.Length) { return false; }
        if (_text[_at] != ',')
        {
            SkipLineEnd();
            return false;
        }

        _at++;
        return true;
    }

    private void SkipLineEnd()
    {
        if (_text[_at] == '\n') { _nextLine++; }
        _at++;
    }
}
