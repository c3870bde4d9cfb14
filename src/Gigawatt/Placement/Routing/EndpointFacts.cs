using Gigawatt.Models;

namespace Gigawatt.Placement.Routing;

/// <summary>What routing knows of a provider endpoint.</summary>
/// <param name="Name">By which reasons and usage records call it.</param>
/// <param name="Dialects">The formats it answers in.</param>
/// <param name="Models">What it serves.</param>
public sealed record EndpointFacts(string Name, IReadOnlyList<Dialect> Dialects, ServedModels Models);

/// <summary>Why no target takes a request. The list is closed, and in the order of what says most: a later one is told before an earlier one.</summary>
public enum RoutingRefusal
{
    /// <summary>One was chosen.</summary>
    None,

    /// <summary>No endpoint serves the model.</summary>
    UnknownModel,

    /// <summary>Endpoints serve the model, but none in the format asked for or one it can be translated to.</summary>
    OtherDialect,

    /// <summary>The targets are for other tenants.</summary>
    OtherTenants,

    /// <summary>The tenant's data may not go where the targets stand.</summary>
    Residency,

    /// <summary>No target stands in the region that the request names.</summary>
    OtherRegion,

    /// <summary>The request is larger than any target takes.</summary>
    TooLarge,
}
