namespace Gigawatt.Providers.Bedrock;

/// <summary>What calls to AWS are signed with.</summary>
/// <param name="AccessKey">The public part.</param>
/// <param name="SecretKey">The secret part.</param>
/// <param name="Token">The session's token; null or empty for keys without an end.</param>
internal readonly record struct AwsKeys(string AccessKey, string SecretKey, string? Token);

/// <summary>Where they come from.</summary>
internal interface IAwsKeySource
{
    /// <summary>Keys that are good now.</summary>
    /// <exception cref="Exception">There are none; the message says why.</exception>
    ValueTask<AwsKeys> GetAsync();
}
