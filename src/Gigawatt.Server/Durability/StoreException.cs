namespace Gigawatt.Server.Durability;

/// <summary>Why a store in the data folder cannot be used.</summary>
internal enum StoreProblem
{
    /// <summary>Another process has it open.</summary>
    InUse,

    /// <summary>The folder or the file cannot be created or written.</summary>
    NotWritable,

    /// <summary>A later version of Gigawatt wrote it.</summary>
    NewerVersion,

    /// <summary>Its content is damaged where no crash of ours can have damaged it.</summary>
    Corrupt,
}

/// <summary>A store in the data folder cannot be used; the message is written for the operator and names the file.</summary>
internal sealed class StoreException(StoreProblem problem, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What is wrong, for callers that act on it.</summary>
    public StoreProblem Problem { get; } = problem;

    internal static StoreException Newer(string path, long found, long known) =>
        new(StoreProblem.NewerVersion, $"{path} was written by a newer version of Gigawatt (format {found}; this one knows up to {known}). Run that version, or use another data folder.");

    internal static StoreException Corrupt(string path, string what, Exception? inner = null) =>
        new(StoreProblem.Corrupt, $"{path} is damaged: {what}. Nothing was changed; restore it from a backup, or move it away to start empty.", inner);
}
