using System.Net.Http.Json;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Connection;

internal sealed partial class ControlClient
{
    private const string Keys = "gigawatt/v1/keys";

    public Task<Answer<UsageReport>> GetUsageAsync(string by, string? from, string? to, string? tenant, CancellationToken cancellationToken) =>
        GetAsync<UsageReport>("gigawatt/v1/usage" + Query(("by", by), ("from", from), ("to", to), ("tenant", tenant)), cancellationToken);

    public Task<Answer<IReadOnlyList<KeyView>>> ListKeysAsync(CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<KeyView>>(Keys, cancellationToken);

    public Task<Answer<KeyView>> CreateKeyAsync(KeyRequest key, CancellationToken cancellationToken) =>
        SendAsync<KeyView>(
            () => new HttpRequestMessage(HttpMethod.Post, Keys) { Content = JsonContent.Create(key, ControlJson.Default.KeyRequest) }, AnswerTime, cancellationToken);

    public Task<Answer<KeyView>> RevokeKeyAsync(string id, CancellationToken cancellationToken) =>
        PostAsync<KeyView>($"{Keys}/{Uri.EscapeDataString(id)}/revoke", cancellationToken);

    public Task<Answer<JoinToken>> CreateJoinTokenAsync(CancellationToken cancellationToken) =>
        PostAsync<JoinToken>("gigawatt/v1/join-tokens", cancellationToken);
}
