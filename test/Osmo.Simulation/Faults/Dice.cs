namespace Osmo.Simulation.Faults;

/// <summary>All chance of a run, from its seed.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public bool Once(double probability) => probability > 0 && _random.NextDouble() < probability;

    /// <summary>From <paramref name="least"/> to <paramref name="most"/>, both possible.</summary>
    public int Between(int least, int most) => _random.Next(least, most + 1);

    /// <summary>Whole milliseconds; short times are more likely than long ones.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most)
    {
        var share = _random.NextDouble();
        return least + TimeSpan.FromMilliseconds(Math.Round((most - least).TotalMilliseconds * share * share));
    }

    public TimeSpan Seconds(double least, double most) => Between(TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most));

    public T Of<T>(params IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    public string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
