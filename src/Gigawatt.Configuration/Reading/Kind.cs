namespace Gigawatt.Configuration.Reading;

/// <summary>Reads a value from its text.</summary>
/// <returns>Null when it could, else the rest of a sentence that starts with the field's name: what is wrong and what to write.</returns>
internal delegate string? ReadText<T>(string text, out T value);

/// <summary>A kind of field: how its text is read, and what such a text looks like.</summary>
/// <param name="Example">A value to write, for messages about missing fields.</param>
/// <param name="Read">The reader.</param>
internal sealed record Kind<T>(string Example, ReadText<T> Read);
