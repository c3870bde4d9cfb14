using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>A model as the model list shows it.</summary>
/// <param name="Id">The name to ask for.</param>
/// <param name="DisplayName">A name for people.</param>
/// <param name="Created">When it was published; the Unix epoch is written where this is not known.</param>
/// <param name="OwnedBy">Who serves it; only the OpenAI dialect has a place for it.</param>
public sealed record ModelEntry(string Id, string DisplayName, DateTimeOffset? Created, string OwnedBy);

/// <summary>The model list as each dialect writes it.</summary>
public static class ModelsWire
{
    /// <summary>The body of <c>GET /v1/models</c>: all models on one page, in the order given.</summary>
    public static byte[] List(Dialect dialect, IReadOnlyList<ModelEntry> models) => throw new NotImplementedException();

    /// <summary>The body of <c>GET /v1/models/{id}</c>.</summary>
    public static byte[] One(Dialect dialect, ModelEntry model) => throw new NotImplementedException();
}
