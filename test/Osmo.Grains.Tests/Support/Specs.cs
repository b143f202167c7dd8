namespace Osmo.Grains.Tests.Support;

/// <summary>Specifications as users write them.</summary>
internal static class Specs
{
    public const string One =
        """
        workflow:
          name: one
          timeout: {exec_timeout: 1h, queue_timeout: 30m}
          tasks:
          - {name: only, image: 'ubuntu:24.04', command: ['true'], exitActions: {RESCHEDULE: '42'}}
        """;

    /// <summary>Group <c>second</c> reads from <c>first</c>.</summary>
    public const string Chain =
        """
        workflow:
          name: chain
          tasks:
          - {name: first, image: 'ubuntu:24.04', command: ['true']}
          - {name: second, image: 'ubuntu:24.04', command: ['true'], inputs: [{task: first}]}
        """;

    /// <summary>Two groups that do not know each other.</summary>
    public const string Pair =
        """
        workflow:
          name: pair
          tasks:
          - {name: left, image: 'ubuntu:24.04', command: ['true']}
          - {name: right, image: 'ubuntu:24.04', command: ['true']}
        """;

    /// <summary>One group of a lead and a side task, which meet at the barrier.</summary>
    public const string Gang =
        """
        workflow:
          name: gang
          groups:
          - name: crew
            tasks:
            - {name: lead, image: 'ubuntu:24.04', command: ['true'], lead: true, exitActions: {RESCHEDULE: '42'}}
            - {name: side, image: 'ubuntu:24.04', command: ['true']}
        """;
}
