using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;

namespace Gigawatt.Providers.Bedrock;

/// <summary>The keys that AWS's own library finds: environment, profile files, web identity, container, machine. It renews them itself.</summary>
/// <param name="profile">The profile to use; null is the library's own order.</param>
internal sealed class AwsSdkKeys(string? profile) : IAwsKeySource
{
    // Found with the first call: looking may ask the network, and most servers never need them.
    private volatile AWSCredentials? _credentials;

    public async ValueTask<AwsKeys> GetAsync()
    {
        AWSCredentials credentials = _credentials ??= await FindAsync();
        ImmutableCredentials keys = await credentials.GetCredentialsAsync();
        return new(keys.AccessKey, keys.SecretKey, keys.Token);
    }

    private async Task<AWSCredentials> FindAsync()
    {
        if (profile is null) { return await new DefaultAWSCredentialsIdentityResolver().ResolveIdentityAsync(clientConfig: null, CancellationToken.None); }
        // Given by name: the library reads the variable once and keeps what it said.
        return new CredentialProfileStoreChain(Environment.GetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE")).TryGetAWSCredentials(profile, out AWSCredentials credentials)
            ? credentials
            : throw new InvalidOperationException($"there is no AWS profile called {profile}");
    }
}
