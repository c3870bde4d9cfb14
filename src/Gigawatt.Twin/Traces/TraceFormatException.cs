namespace Gigawatt.Twin.Traces;

/// <summary>A trace file holds something that cannot be read. The message names the file, the line and what was expected.</summary>
public sealed class TraceFormatException : FormatException
{
    /// <summary>An error at a line.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="line">Line number, from 1.</param>
    /// <param name="column">The column's name, or empty when the error is about the line.</param>
    /// <param name="problem">What was expected and what was found, without a full stop.</param>
    public TraceFormatException(string file, int line, string column, string problem)
        : base($"{file}, line {line}{(column.Length > 0 ? $", column {column}" : "")}: {problem}.")
    {
        File = file;
        Line = line;
        Column = column;
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Line number, from 1.</summary>
    public int Line { get; }

    /// <summary>The column's name; empty when the error is about the line.</summary>
    public string Column { get; }
}
