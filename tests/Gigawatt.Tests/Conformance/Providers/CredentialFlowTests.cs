using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Gigawatt.Providers.Azure;
using Gigawatt.Providers.Bedrock;
using Gigawatt.Providers.Credentials;
using Gigawatt.Providers.Vertex;
using Gigawatt.Tests.EndToEnd;
using Gigawatt.Tests.Support;
using Google.Apis.Auth.OAuth2;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>How the credentials of machines are found, against scripted servers in the place of the clouds' own. The clouds' libraries
/// look into the process's environment, so these tests run one after the other.</summary>
[Collection(nameof(CredentialFlowTests))]
public sealed class CredentialFlowTests : IAsyncDisposable
{
    private readonly ScriptedUpstream _server = ScriptedUpstream.Start();
    private readonly TestFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly Dictionary<string, string?> _before = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach ((string name, string? value) in _before) { Environment.SetEnvironmentVariable(name, value); }
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_service_accounts_file_is_exchanged_for_a_token_that_is_asked_for_once()
    {
        using RSA key = RSA.Create(2048);
        Answer("""{"access_token":"google-token","expires_in":3599,"token_type":"Bearer"}""");
        GoogleTokens tokens = GoogleTokens.From(WriteServiceAccount(key), _clock);
        Assert.Equal("google-token", (await tokens.FetchAsync(Cancelled)).Token);
        Assert.Equal("google-token", (await tokens.FetchAsync(Cancelled)).Token);

        UpstreamRequest request = Assert.Single(_server.Requests);
        Assert.Equal("POST /token HTTP/1.1", request.RequestLine);
        System.Collections.Specialized.NameValueCollection form = HttpUtility.ParseQueryString(Encoding.UTF8.GetString(request.Body));
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", form["grant_type"]);
        // RFC 7523: a signed statement of who it is, to whom, and what for.
        string[] parts = form["assertion"]!.Split('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), FromBase64Url(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        using JsonDocument claims = JsonDocument.Parse(FromBase64Url(parts[1]));
        Assert.Equal("robot@my-project.iam.gserviceaccount.com", claims.RootElement.GetProperty("iss").GetString());
        Assert.Equal("https://www.googleapis.com/auth/cloud-platform", claims.RootElement.GetProperty("scope").GetString());
        Assert.Equal("https://oauth2.googleapis.com/token", claims.RootElement.GetProperty("aud").GetString());
    }

    [Fact]
    public async Task A_service_account_that_is_refused_says_so_without_its_key()
    {
        using RSA key = RSA.Create(2048);
        _server.Add(UpstreamScript.Send(RawHttp.Json(400, """{"error":"invalid_grant","error_description":"Account deleted."}""")));
        using TokenCache cache = new("vertex", GoogleTokens.From(WriteServiceAccount(key), _clock), _clock);
        Gigawatt.Providers.ProviderException failure = await Assert.ThrowsAsync<Gigawatt.Providers.ProviderException>(async () => await cache.GetAsync(Cancelled));
        Assert.StartsWith("vertex is not called: no token could be had (", failure.Message, StringComparison.Ordinal);
        Assert.Contains("invalid_grant", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Google_metadata_service_is_asked_for_the_machines_token()
    {
        Answer("""{"access_token":"machine-token","expires_in":3599,"token_type":"Bearer"}""");
        ComputeCredential machine = new(new ComputeCredential.Initializer(new Uri(_server.Url, "/computeMetadata/v1/instance/service-accounts/default/token").AbsoluteUri));
        GoogleTokens tokens = new(_ => Task.FromResult(GoogleCredential.FromComputeCredential(machine)), _clock);
        Assert.Equal("machine-token", (await tokens.FetchAsync(Cancelled)).Token);
        UpstreamRequest request = Assert.Single(_server.Requests);
        Assert.StartsWith("GET /computeMetadata/v1/instance/service-accounts/default/token", request.RequestLine, StringComparison.Ordinal);
        Assert.Equal("Google", request.Header("Metadata-Flavor"));
    }

    [Fact]
    public async Task Entra_id_is_asked_for_the_scope_through_the_managed_identity_of_the_machine()
    {
        Set("IDENTITY_ENDPOINT", new Uri(_server.Url, "/msi/token").AbsoluteUri);
        Set("IDENTITY_HEADER", "the-header");
        Set("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
        long expires = DateTimeOffset.UtcNow.AddHours(8).ToUnixTimeSeconds();
        Answer($$"""{"access_token":"entra-token","expires_on":"{{expires}}","resource":"https://ai.azure.com","token_type":"Bearer"}""");
        (string token, DateTimeOffset ends) = await new EntraTokens(FoundryProvider.DefaultTokenScope).FetchAsync(Cancelled);
        Assert.Equal(("entra-token", expires), (token, ends.ToUnixTimeSeconds()));
        UpstreamRequest request = Assert.Single(_server.Requests);
        Assert.Equal("GET /msi/token?api-version=2019-08-01&resource=https://ai.azure.com HTTP/1.1", request.RequestLine);
        Assert.Equal("the-header", request.Header("X-IDENTITY-HEADER"));
    }

    [Fact]
    public async Task Keys_of_aws_come_from_the_environment()
    {
        ForgetAws();
        Set("AWS_ACCESS_KEY_ID", "AKIDENV");
        Set("AWS_SECRET_ACCESS_KEY", "secret");
        Set("AWS_SESSION_TOKEN", "session");
        Assert.Equal(new AwsKeys("AKIDENV", "secret", "session"), await new AwsSdkKeys(profile: null).GetAsync());
    }

    [Fact]
    public async Task Keys_of_aws_come_from_the_profile_that_is_named()
    {
        ForgetAws();
        File.WriteAllText(_folder.At("credentials"), "[default]\naws_access_key_id = OTHER\naws_secret_access_key = other\n\n[team]\naws_access_key_id = AKIDTEAM\naws_secret_access_key = team-secret\n");
        Set("AWS_SHARED_CREDENTIALS_FILE", _folder.At("credentials"));
        AwsKeys keys = await new AwsSdkKeys("team").GetAsync();
        Assert.Equal(("AKIDTEAM", "team-secret"), (keys.AccessKey, keys.SecretKey));
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await new AwsSdkKeys("absent").GetAsync());
        Assert.Equal("there is no AWS profile called absent", failure.Message);
    }

    [Fact]
    public async Task Keys_of_aws_come_from_the_container_that_the_server_runs_in()
    {
        ForgetAws();
        Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", new Uri(_server.Url, "/credentials").AbsoluteUri);
        Set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token");
        string ends = DateTimeOffset.UtcNow.AddHours(6).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Answer($$"""{"AccessKeyId":"AKIDTASK","SecretAccessKey":"task-secret","Token":"task-token","Expiration":"{{ends}}","RoleArn":"arn:aws:iam::1:role/r"}""");
        Assert.Equal(new AwsKeys("AKIDTASK", "task-secret", "task-token"), await new AwsSdkKeys(profile: null).GetAsync());
        UpstreamRequest request = _server.Requests[0];
        Assert.Equal(("GET /credentials HTTP/1.1", "container-token"), (request.RequestLine, request.Header("authorization")));
    }

    private void Answer(string json) => _server.Add(UpstreamScript.Send(RawHttp.Json(200, json)));

    private void Set(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    // Whatever the machine that runs the tests has is not to be found, and no metadata service is waited for.
    private void ForgetAws()
    {
        foreach (string name in (string[])["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"])
        {
            Set(name, null);
        }

        Set("AWS_SHARED_CREDENTIALS_FILE", _folder.At("none"));
        Set("AWS_CONFIG_FILE", _folder.At("none"));
        Set("AWS_EC2_METADATA_DISABLED", "true");
    }

    private string WriteServiceAccount(RSA key)
    {
        string path = _folder.At("account.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account",
            ["project_id"] = "my-project",
            ["private_key_id"] = "1",
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = "robot@my-project.iam.gserviceaccount.com",
            ["client_id"] = "1",
            ["token_uri"] = new Uri(_server.Url, "/token").AbsoluteUri,
        }));
        return path;
    }

    private static byte[] FromBase64Url(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
}
