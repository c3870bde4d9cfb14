using System.Security.Cryptography;
using Gigawatt.Server.Durability;

namespace Gigawatt.Server.Identity;

/// <summary>The secret under which API keys are hashed, in a file of its own that only its owner may read.</summary>
/// <remarks>Who steals the database alone can neither use its hashes nor test guesses against them.</remarks>
internal static class ServerSecret
{
    /// <summary>Bytes of the secret.</summary>
    public const int Length = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the secret, or draws and stores one where there is none.</summary>
    /// <exception cref="StoreException">Not readable, not writable, or not a secret.</exception>
    public static byte[] Open(string path)
    {
        try
        {
            if (!File.Exists(path)) { Create(path); }
            byte[] secret = File.ReadAllBytes(path);
            return secret.Length == Length ? secret : throw StoreException.Corrupt(path, $"it holds {secret.Length} bytes instead of {Length}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreProblem.NotWritable, $"{path} cannot be read or created: {e.Message}", e);
        }
    }

    private static void Create(string path)
    {
        // Written beside and renamed: a crash leaves either no secret or a whole one.
        string draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = OwnerOnly; }
        using (var file = new FileStream(draft, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(Length));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: false);
    }
}
