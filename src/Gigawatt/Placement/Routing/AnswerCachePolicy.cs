using Gigawatt.Units;

namespace Gigawatt.Placement.Routing;

/// <summary>Who shares the kept answers of a route.</summary>
public enum AnswerCacheScope
{
    /// <summary>All keys of a tenant.</summary>
    Tenant,

    /// <summary>The keys of a project; those of a tenant that belong to none share theirs.</summary>
    Project,

    /// <summary>Nobody: each key has its own.</summary>
    Key,
}

/// <summary>How long a route's answers are kept, to be given again to equal requests.</summary>
/// <param name="Ttl">Their longest age, more than zero.</param>
/// <param name="BytesMax">The most memory that they take together, in bytes; the least recently used ones make place.</param>
/// <param name="Scope">Who shares them. Never two tenants.</param>
public sealed record AnswerCachePolicy(Duration Ttl, long BytesMax, AnswerCacheScope Scope = AnswerCacheScope.Tenant);
