namespace Osmo.Grains;

/// <summary>Names under which a host registers grain storage.</summary>
public static class GrainStorageNames
{
    /// <summary>One JSON document per grain, in the <c>document</c> rows.</summary>
    public const string Documents = "documents";
}
