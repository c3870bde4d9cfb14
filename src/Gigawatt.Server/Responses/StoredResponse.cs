using Gigawatt.Wire.Responses;

namespace Gigawatt.Server.Responses;

/// <summary>Whose responses somebody may see: those of the tenant; with a project, only those that it made.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Project">The project's id; null for none.</param>
internal readonly record struct ResponseOwner(string Tenant, string? Project);

/// <summary>A kept response, and the conversation that led to it.</summary>
/// <param name="Row">Its place in the store.</param>
/// <param name="Before">The turns before it, oldest first.</param>
/// <param name="Turn">Itself.</param>
/// <param name="Endpoint">The provider that keeps it too, by the same id; null for none.</param>
/// <param name="Whole">Whether all turns before it are still there.</param>
internal sealed record StoredResponse(long Row, IReadOnlyList<StoredTurn> Before, StoredTurn Turn, string? Endpoint, bool Whole);
