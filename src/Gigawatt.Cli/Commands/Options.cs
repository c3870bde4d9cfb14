using System.CommandLine;
using System.CommandLine.Parsing;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Cli.Commands;

/// <summary>Makes options whose values are read, and complained about, exactly as in our files.</summary>
internal static class Options
{
    public static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description };

    public static Option<string[]> Texts(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    public static Option<T?> Value<T>(string name, string value, string description, Kind<T> kind) where T : struct => new(name)
    {
        HelpName = value,
        Description = description,
        CustomParser = result => TryRead(result, name, kind, out T read) ? read : null,
    };

    public static Option<string?> Word(string name, string value, string description, Kind<string> kind) => new(name)
    {
        HelpName = value,
        Description = description,
        CustomParser = result => TryRead(result, name, kind, out string read) ? read : null,
    };

    public static Argument<T> Required<T>(string value, string description, Kind<T> kind) where T : struct => new(value)
    {
        HelpName = value,
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => TryRead(result, value, kind, out T read) ? read : default,
    };

    private static bool TryRead<T>(ArgumentResult result, string name, Kind<T> kind, out T value)
    {
        string? wrong = kind.Read(result.Tokens[^1].Value, out value);
        if (wrong is not null) { result.AddError($"{name}: {wrong}."); }
        return wrong is null;
    }
}
