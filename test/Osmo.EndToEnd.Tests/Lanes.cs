namespace Osmo.EndToEnd.Tests;

/// <summary>Tests of one lane run one after the other; with two lanes, at most two standalones are busy at a time.</summary>
internal static class Lanes
{
    public const string First = "first";

    public const string Second = "second";
}
