using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gigawatt.Wire.Control;

/// <summary>JSON of the control API: camel case, nulls written, unknown and missing fields refused so that a misspelt one is not ignored.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(JobRequest))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(ServerView))]
[JsonSerializable(typeof(FleetView))]
[JsonSerializable(typeof(QueueList))]
[JsonSerializable(typeof(WhyView))]
[JsonSerializable(typeof(WhatIfRequest))]
[JsonSerializable(typeof(WhatIfView))]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(UsageRecordPage))]
[JsonSerializable(typeof(UsageComparison))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(IReadOnlyList<KeyView>), TypeInfoPropertyName = "KeyViews")]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(TenantRequest))]
[JsonSerializable(typeof(TenantView))]
[JsonSerializable(typeof(IReadOnlyList<TenantView>), TypeInfoPropertyName = "TenantViews")]
[JsonSerializable(typeof(ProjectRequest))]
[JsonSerializable(typeof(ProjectView))]
[JsonSerializable(typeof(IReadOnlyList<ProjectView>), TypeInfoPropertyName = "ProjectViews")]
[JsonSerializable(typeof(BudgetChange))]
[JsonSerializable(typeof(IReadOnlyList<BudgetView>), TypeInfoPropertyName = "BudgetViews")]
[JsonSerializable(typeof(IReadOnlyList<AuditView>), TypeInfoPropertyName = "AuditViews")]
[JsonSerializable(typeof(JoinToken))]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(AgentJoin))]
[JsonSerializable(typeof(AgentJoined))]
[JsonSerializable(typeof(AgentSync))]
[JsonSerializable(typeof(AgentOrders))]
public sealed partial class ControlJson : JsonSerializerContext;
