namespace Gigawatt.Admission;

/// <summary>Why a job is not accepted. A closed list.</summary>
public enum RefusalKind
{
    /// <summary>A field is out of its range.</summary>
    Invalid,

    /// <summary>The fleet has no accelerator of a type asked for.</summary>
    UnknownAcceleratorType,

    /// <summary>It would not fit even if the whole fleet were up and empty.</summary>
    NeverFits,

    /// <summary>It asks for more at once than its tenant or its queue may ever hold.</summary>
    OverQuota,

    /// <summary>There is no such queue, or it does not take the tenant's jobs.</summary>
    UnknownQueue,
}

/// <summary>A job is not accepted, and nothing changed.</summary>
/// <param name="Kind">Why, from the closed list.</param>
/// <param name="Message">Why, in words that say what would be accepted.</param>
public sealed record Refusal(RefusalKind Kind, string Message);
