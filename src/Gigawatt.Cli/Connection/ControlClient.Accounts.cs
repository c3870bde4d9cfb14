using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Connection;

internal sealed partial class ControlClient
{
    private const string Keys = "gigawatt/v1/keys";
    private const string Tenants = "gigawatt/v1/tenants";
    private const string Projects = "gigawatt/v1/projects";
    private const string Budgets = "gigawatt/v1/budgets";

    /// <summary>Asks about usage: <paramref name="what"/> is empty for sums, or <c>/records</c> or <c>/comparison</c>.</summary>
    public Task<Answer<T>> GetUsageAsync<T>(string what, IEnumerable<(string Name, string? Value)> question, CancellationToken cancellationToken) where T : class =>
        GetAsync<T>($"gigawatt/v1/usage{what}" + Query([.. question]), cancellationToken);

    public Task<Answer<IReadOnlyList<KeyView>>> ListKeysAsync(CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<KeyView>>(Keys, cancellationToken);

    public Task<Answer<KeyView>> CreateKeyAsync(KeyRequest key, CancellationToken cancellationToken) =>
        SendAsync<KeyRequest, KeyView>(HttpMethod.Post, Keys, key, ControlJson.Default.KeyRequest, cancellationToken);

    public Task<Answer<KeyView>> RotateKeyAsync(string id, KeyRotation rotation, CancellationToken cancellationToken) =>
        SendAsync<KeyRotation, KeyView>(HttpMethod.Post, $"{Keys}/{Uri.EscapeDataString(id)}/rotate", rotation, ControlJson.Default.KeyRotation, cancellationToken);

    public Task<Answer<KeyView>> RevokeKeyAsync(string id, CancellationToken cancellationToken) =>
        PostAsync<KeyView>($"{Keys}/{Uri.EscapeDataString(id)}/revoke", cancellationToken);

    public Task<Answer<IReadOnlyList<TenantView>>> ListTenantsAsync(CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<TenantView>>(Tenants, cancellationToken);

    public Task<Answer<TenantView>> GetTenantAsync(string name, CancellationToken cancellationToken) =>
        GetAsync<TenantView>($"{Tenants}/{Uri.EscapeDataString(name)}", cancellationToken);

    public Task<Answer<TenantView>> CreateTenantAsync(TenantRequest tenant, CancellationToken cancellationToken) =>
        SendAsync<TenantRequest, TenantView>(HttpMethod.Post, Tenants, tenant, ControlJson.Default.TenantRequest, cancellationToken);

    public Task<Answer<TenantView>> EnableTenantAsync(string name, bool enabled, CancellationToken cancellationToken) =>
        PostAsync<TenantView>($"{Tenants}/{Uri.EscapeDataString(name)}/{(enabled ? "enable" : "disable")}", cancellationToken);

    public Task<Answer<IReadOnlyList<ProjectView>>> ListProjectsAsync(string? tenant, CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<ProjectView>>(Projects + Query(("tenant", tenant)), cancellationToken);

    public Task<Answer<ProjectView>> CreateProjectAsync(ProjectRequest project, CancellationToken cancellationToken) =>
        SendAsync<ProjectRequest, ProjectView>(HttpMethod.Post, Projects, project, ControlJson.Default.ProjectRequest, cancellationToken);

    public Task<Answer<ProjectView>> EnableProjectAsync(string tenant, string name, bool enabled, CancellationToken cancellationToken) =>
        PostAsync<ProjectView>($"{Projects}/{Uri.EscapeDataString(tenant)}/{Uri.EscapeDataString(name)}/{(enabled ? "enable" : "disable")}", cancellationToken);

    public Task<Answer<IReadOnlyList<BudgetView>>> ListBudgetsAsync(string? tenant, CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<BudgetView>>(Budgets + Query(("tenant", tenant)), cancellationToken);

    public Task<Answer<IReadOnlyList<BudgetView>>> SetBudgetsAsync(BudgetChange change, CancellationToken cancellationToken) =>
        SendAsync<BudgetChange, IReadOnlyList<BudgetView>>(HttpMethod.Put, Budgets, change, ControlJson.Default.BudgetChange, cancellationToken);

    public Task<Answer<IReadOnlyList<AuditView>>> GetAuditAsync(int? limit, CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<AuditView>>("gigawatt/v1/audit" + Query(("limit", limit is { } n ? Text(n) : null)), cancellationToken);

    public Task<Answer<JoinToken>> CreateJoinTokenAsync(CancellationToken cancellationToken) =>
        PostAsync<JoinToken>("gigawatt/v1/join-tokens", cancellationToken);

    /// <summary>Ends a node's quarantine.</summary>
    public Task<Answer<GroupView>> ReleaseNodeAsync(string name, CancellationToken cancellationToken) =>
        PostAsync<GroupView>($"gigawatt/v1/nodes/{Uri.EscapeDataString(name)}/release", cancellationToken);

    private Task<Answer<TAnswer>> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> type, CancellationToken cancellationToken) where TAnswer : class =>
        SendAsync<TAnswer>(() => new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, type) }, AnswerTime, cancellationToken);
}
