using System.Globalization;

namespace Gigawatt.Configuration.Migration;

/// <summary>Something of another product's file that ours does not say, or not the same way.</summary>
/// <param name="Line">Line from 1; 0 where the file as a whole is meant.</param>
/// <param name="Column">Column from 1; 0 where the file as a whole is meant.</param>
/// <param name="Field">The field's path, such as <c>model_list[2].litellm_params.temperature</c>.</param>
/// <param name="Message">Why, and what to do instead; a phrase without a full stop. Never holds a field's value.</param>
internal sealed record MigrationNote(int Line, int Column, string Field, string Message)
{
    public override string ToString() => Line == 0
        ? $"{Field}: {Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}: {Field}: {Message}");
}

/// <summary>The notes of one migration, in the order of the file.</summary>
internal sealed class MigrationNotes
{
    private readonly List<MigrationNote> _all = [];

    public void Add(Reading.Node at, string field, string message) =>
        _all.Add(new(at.Line, at.Column, OneLine(field), OneLine(message)));

    public IReadOnlyList<MigrationNote> InOrder() => [.. _all.Distinct().OrderBy(n => n.Line).ThenBy(n => n.Column)];

    // Names of fields come from the file and go to a terminal.
    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}

/// <summary>A config file for Gigawatt made of another product's file.</summary>
/// <param name="Yaml">Our file, which our reader accepts once the variables are set.</param>
/// <param name="Notes">What was not carried over.</param>
/// <param name="Variables">Environment variables that our file takes keys and places from, in alphabetical order.</param>
internal sealed record MigratedConfig(string Yaml, IReadOnlyList<MigrationNote> Notes, IReadOnlyList<string> Variables);
