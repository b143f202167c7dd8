namespace Orleans.Runtime;

/// <summary>A failure of the engine itself, as opposed to one of a grain.</summary>
public class OrleansException : Exception
{
    public OrleansException()
    {
    }

    public OrleansException(string message) : base(message)
    {
    }

    public OrleansException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The call was not made: the engine is stopping or the grain takes no more.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message) : base(message)
    {
    }
}

/// <summary>More calls wait for an activation than the engine allows.</summary>
public sealed class LimitExceededException : OrleansException
{
    internal LimitExceededException(string message) : base(message)
    {
    }
}

/// <summary>The grain no longer knows this enumeration: it was deactivated, or nobody asked for the next element for too long. Start again from a cursor.</summary>
public sealed class EnumerationAbortedException : Exception
{
    public EnumerationAbortedException()
    {
    }

    public EnumerationAbortedException(string message) : base(message)
    {
    }

    public EnumerationAbortedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A storage, named in a grain's constructor, is not registered.</summary>
public sealed class BadProviderConfigException : OrleansException
{
    internal BadProviderConfigException(string message) : base(message)
    {
    }
}
