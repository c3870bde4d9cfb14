using Gigawatt.Twin.Traces;
using Xunit;

namespace Gigawatt.Tests.Twin;

public sealed class CsvReaderTests : IDisposable
{
    private readonly TraceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Quoted_fields_hold_commas_quotes_and_line_ends_and_lines_are_still_counted()
    {
        CsvReader csv = CsvReader.Open(_folder.Write("a.csv", "x,y", "\"a,\"\"b\"\"\",1", "\"two", "lines\",2", "plain,3"));
        Assert.True(csv.Read());
        Assert.Equal("a,\"b\"", csv.Field(0));
        Assert.True(csv.Read());
        Assert.Equal("two\nlines", csv.Field(0));
        Assert.Equal(3, csv.Line);
        Assert.True(csv.Read());
        Assert.Equal((5, 3L), (csv.Line, csv.Integer(1, 0, 9)));
        Assert.False(csv.Read());
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.csv.gz")]
    public void Plain_and_compressed_files_read_alike_and_blank_lines_are_passed_over(string name)
    {
        CsvReader csv = CsvReader.Open(_folder.Write(name, "\uFEFFx,y\r", "1,\r", "\r", "", "2"));
        int x = csv.Column("x"), y = csv.Column("y");
        Assert.True(csv.Read());
        Assert.Equal(1, csv.Integer(x, 0, 9));
        Assert.True(csv.Field(y).IsEmpty);
        Assert.True(csv.Read());
        Assert.Equal((5, 2L), (csv.Line, csv.Integer(x, 0, 9)));
        Assert.True(csv.Field(y).IsEmpty);
        Assert.False(csv.Read());
    }

    [Fact]
    public void A_compressed_file_is_known_by_its_bytes_and_not_by_its_name()
    {
        string path = _folder.Write("a.csv.gz", "x", "7");
        File.Move(path, path[..^3]);
        CsvReader csv = CsvReader.Open(path[..^3]);
        Assert.True(csv.Read());
        Assert.Equal(7, csv.Integer(0, 0, 9));
    }

    [Fact]
    public void Mistakes_of_form_name_the_line()
    {
        TraceFolder.AssertRefuses(() => CsvReader.Open(_folder.Write("empty.csv")), 1, "", "the file is empty");
        TraceFolder.AssertRefuses(() => CsvReader.Open(_folder.Write("a.csv", "x,y")).Column("z"), 1, "", "expected a column 'z'; the columns are x, y");
        TraceFolder.AssertRefuses(() => ReadAll("x,y", "1,2", "1,2,3"), 3, "", "at most 2 fields");
        TraceFolder.AssertRefuses(() => ReadAll("x", "\"never closed"), 2, "", "closing quote");
        TraceFolder.AssertRefuses(() => ReadAll("x", "\"a\"b"), 2, "", "after a closing quote");
    }

    [Fact]
    public void A_compressed_file_that_is_damaged_or_cut_off_is_refused()
    {
        string path = _folder.Write("a.csv.gz", [.. Enumerable.Range(0, 5000).Select(i => $"row {i * 7919 % 4999}")]);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^1000]);
        TraceFolder.AssertRefuses(() => CsvReader.Open(path), 1, "", "cut off");
        whole.AsSpan(20, 200).Fill(0xa5);
        File.WriteAllBytes(path, whole);
        TraceFolder.AssertRefuses(() => CsvReader.Open(path), 1, "", "damaged");
    }

    [Theory]
    [InlineData("12", true)]
    [InlineData(" 12 ", true)]
    [InlineData("12.0", true)]
    [InlineData("12.5", false)]
    [InlineData("1e2", false)]
    [InlineData("-1", false)]
    [InlineData("101", false)]
    [InlineData("99999999999999999999999999999999", false)]
    [InlineData("twelve", false)]
    [InlineData("", false)]
    public void A_whole_number_is_read_or_refused(string field, bool read)
    {
        CsvReader csv = CsvReader.Open(_folder.Write("a.csv", "x,y", field + ",1"));
        Assert.True(csv.Read());
        if (read) { Assert.Equal(12, csv.Integer(0, 0, 100)); }
        else { TraceFolder.AssertRefuses(() => csv.Integer(0, 0, 100), 2, "x", "expected a whole number from 0 to 100, found "); }
    }

    private void ReadAll(params string[] lines)
    {
        CsvReader csv = CsvReader.Open(_folder.Write("b.csv", lines));
        while (csv.Read()) { }
    }
}
