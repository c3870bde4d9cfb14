namespace Gigawatt.Configuration;

/// <summary>A key or token. Its text comes out only through <see cref="Reveal"/>, so that no log or message holds it by accident.</summary>
public sealed class Secret
{
    private readonly string _text;

    /// <summary>With the secret text.</summary>
    public Secret(string text) => _text = text;

    /// <summary>The secret text, for the one place that sends it.</summary>
    public string Reveal() => _text;

    /// <summary>Always <c>(hidden)</c>.</summary>
    public override string ToString() => "(hidden)";
}
