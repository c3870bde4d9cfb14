using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Configuration;

public sealed class ProviderConfigTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    [Fact]
    public void Every_field_of_every_kind_is_read()
    {
        IReadOnlyList<ProviderConfig> providers = Read("""
            providers:
              - {name: a, kind: openai, url: "http://192.168.1.9:8000/v1", allow-private: true, exact-usage: false, formats: [openai-embeddings, openai], region: eu-1, connect-timeout: 2s, timeout: 1m, idle-timeout: 20s}
              - {name: f, kind: foundry, resource: contoso, token-scope: "https://ai.azure.us/.default"}
              - {name: z, kind: azure-openai, url: "https://contoso.openai.azure.com", api-version: 2025-04-01-preview, key: k, models: [gpt-team]}
              - {name: b, kind: bedrock, region: eu-west-1, profile: team, models: ["eu.anthropic.*"]}
              - {name: v, kind: vertex, project: my-project, location: us-east5}
              - {name: s, kind: simulated, region: nowhere}
            """).Value!.Providers;

        ProviderConfig a = providers[0];
        Assert.Equal((true, false, "eu-1"), (a.AllowPrivate, a.ExactUsage, a.Region));
        Assert.Equal([Dialect.OpenAI, Dialect.Embeddings], a.Formats);
        Assert.Equal((Duration.FromSeconds(2), Duration.FromSeconds(60), Duration.FromSeconds(20)), (a.ConnectTimeout, a.HeadTimeout, a.IdleTimeout));
        Assert.Equal(("https://contoso.services.ai.azure.com/", "https://ai.azure.us/.default"), (providers[1].Url!.ToString(), providers[1].TokenScope));
        Assert.Equal(("2025-04-01-preview", "v1"), (providers[2].ApiVersion, providers[1].ApiVersion));
        Assert.Equal(("eu-west-1", "team"), (providers[3].Region, providers[3].Profile));
        Assert.Equal(("my-project", "us-east5", "us-east5"), (providers[4].Project, providers[4].Location, providers[4].Region));
        Assert.Equal(["claude-*"], providers[4].Models);
        Assert.Equal("nowhere", providers[5].Region);
        Assert.Null(providers[1].Formats);
        Assert.True(providers[1].ExactUsage);
    }

    [Fact]
    public void Region_and_project_come_from_the_environment_that_the_clouds_tools_use()
    {
        ServerConfig config = Read(
            "providers: [{name: b, kind: bedrock}, {name: v, kind: vertex}]",
            new() { ["AWS_REGION"] = "us-west-2", ["GOOGLE_CLOUD_PROJECT"] = "proj" }).Value!;
        Assert.Equal("us-west-2", config.Providers[0].Region);
        Assert.Equal(("proj", "global", "global"), (config.Providers[1].Project, config.Providers[1].Location, config.Providers[1].Region));
    }

    [Fact]
    public void A_key_file_is_remembered_so_that_a_new_key_in_it_can_be_used()
    {
        string folder = Directory.CreateTempSubdirectory("gw-config-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "my.key"), "first\n");
            string path = Path.Combine(folder, "gw.yaml");
            File.WriteAllText(path, "providers: [{name: a, kind: openai, key-file: my.key}, {name: v, kind: vertex, project: p, key-file: my.key}]\n");
            IReadOnlyList<ProviderConfig> providers = ServerConfig.Load(path, NoEnvironment).Value!.Providers;
            Assert.Equal(("first", Path.Combine(folder, "my.key")), (providers[0].Key!.Reveal(), providers[0].KeyFile));
            Assert.Equal((null, Path.Combine(folder, "my.key")), (providers[1].Key, providers[1].KeyFile));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("kind: foundry", "1:13: the provider has no resource; add a line such as resource: my-resource")]
    [InlineData("kind: foundry, resource: a.b", "1:48: resource: \"a.b\" is not such a name; write 1 to 63 letters, digits or '-'")]
    [InlineData("kind: azure-openai, resource: a, url: \"https://x.example\"", "1:53: resource: the address is given with url already; keep one of the two")]
    [InlineData("kind: azure-openai, resource: a, api-version: latest", "1:69: api-version: \"latest\" is not a version of Azure's API; write v1, or a date such as 2024-10-21 or 2025-04-01-preview")]
    [InlineData("kind: openai, resource: a", "1:47: resource: only foundry and azure-openai providers have a resource; remove the field")]
    [InlineData("kind: openai, api-version: v1", "1:50: api-version: only azure-openai providers have an API version; remove the field")]
    [InlineData("kind: openai, profile: a", "1:46: profile: only bedrock providers have an AWS profile; remove the field")]
    [InlineData("kind: bedrock", "1:13: the provider has no region; add a line such as region: us-east-1")]
    [InlineData("kind: bedrock, region: us east", "1:46: region: \"us east\" is not such a name; write 1 to 63 letters, digits or '-'")]
    [InlineData("kind: vertex", "1:13: the provider has no project; add a line such as project: my-project")]
    [InlineData("kind: vertex, project: p, key: SECRET", "1:54: key: Vertex has no keys; name the file of a service account with key-file, or leave it out to use the credentials of this machine")]
    [InlineData("kind: vertex, project: p, key-file: not-there", "1:59: key-file: the file is not there or may not be read; name the file of a service account")]
    [InlineData("kind: simulated, idle-timeout: 1s", "1:54: idle-timeout: a simulated provider calls nobody; remove the field")]
    [InlineData("kind: openai, exact-usage: maybe", "1:50: exact-usage: \"maybe\" is unknown; write one of true, false")]
    [InlineData("kind: anthropic, formats: [anthropic, openai]", "1:61: formats: \"openai\" is unknown; write one of anthropic, anthropic-count-tokens")]
    [InlineData("kind: openai, timeout: soon", "1:46: timeout: \"soon\" is not a length of time; write one such as 250ms, 90s, 15m or 1h30m")]
    [InlineData("kind: openai, url: \"http://10.1.2.3/v1\"", "1:42: url: 10.1.2.3 is not an address of the internet; add allow-private: true if that is meant")]
    [InlineData("kind: openai, url: \"http://169.254.169.254\"", "1:42: url: 169.254.169.254 is not an address of the internet; add allow-private: true if that is meant")]
    [InlineData("kind: openai, url: \"http://[fd00::1]:8000\"", "1:42: url: fd00::1 is not an address of the internet; add allow-private: true if that is meant")]
    public void A_mistake_is_reported_where_it_is_with_what_to_write_instead(string fields, string expected)
    {
        Assert.Equal(["gw.yaml:" + expected], Read($"providers: [{{name: a, {fields}}}]").Problems.Select(p => p.ToString()));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000")]
    [InlineData("http://[::1]:8000")]
    [InlineData("http://localhost:11434/v1")]
    [InlineData("http://models.internal/v1")]
    public void An_address_of_this_machine_needs_no_permission_and_a_name_is_judged_when_it_is_called(string url) =>
        Assert.Empty(Read($"providers: [{{name: a, kind: openai, url: \"{url}\"}}]").Problems);

    [Fact]
    public void A_private_address_in_the_environment_is_refused_as_well() =>
        Assert.Equal(
            "environment: the environment variable OPENAI_BASE_URL: 10.1.2.3 is not an address of the internet; write the provider into a config file with allow-private: true if that is meant",
            Assert.Single(ServerConfig.FromEnvironment(new Dictionary<string, string> { ["OPENAI_BASE_URL"] = "http://10.1.2.3:8000/v1" }).Problems).ToString());

    [Fact]
    public void All_mistakes_of_all_providers_are_reported_at_once() =>
        Assert.Equal(11, Read("""
            providers:
              - {name: a, kind: openai, timeout: x, idle-timeout: y, exact-usage: z}
              - {name: a, kind: foundry, project: p}
              - {name: v, kind: vertex, location: "a/b", key-env: X}
              - {name: b, kind: bedrock, api-version: v1}
            """).Problems.Count);

    private static Loaded<ServerConfig> Read(string text, Dictionary<string, string>? environment = null) =>
        ServerConfig.Parse(text, "gw.yaml", environment ?? NoEnvironment);
}
