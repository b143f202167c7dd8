using System.Numerics;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python numbers: integers of any size (a <see cref="long"/> where it fits) and doubles; booleans count as 0 and 1.</summary>
internal static class Number
{
    /// <summary>Bits of the largest integer an expression may make.</summary>
    private const long BitsMax = 1 << 16;

    public static object Of(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (long)value : value;

    public static bool IsInteger(object? value) => value is long or BigInteger or bool;

    public static bool IsNumber(object? value) => IsInteger(value) || value is double;

    public static BigInteger Big(object? value) => value switch
    {
        long l => l,
        BigInteger b => b,
        bool b => b ? 1 : 0,
        _ => throw new InvalidCastException($"{value} is not an integer."),
    };

    public static double Double(object? value) => value is double d ? d : (double)Big(value);

    /// <summary>An index or a count; far out of range is as good as infinite.</summary>
    public static int Int(object? value)
    {
        if (!IsInteger(value))
        {
            throw TemplateException.Value($"'{PythonTypes.Name(value)}' object cannot be interpreted as an integer");
        }

        var big = Big(value);
        return big > int.MaxValue ? int.MaxValue : big < int.MinValue ? int.MinValue : (int)big;
    }

    public static object Apply(string operation, object left, object right)
    {
        if (left is double || right is double)
        {
            return Apply(operation, Double(left), Double(right));
        }

        if (left is long a && right is long b && ApplySmall(operation, a, b) is { } small)
        {
            return small;
        }

        return ApplyBig(operation, Big(left), Big(right));
    }

    private static long? ApplySmall(string operation, long a, long b)
    {
        long result;
        switch (operation)
        {
            case "+":
                result = unchecked(a + b);
                return ((a ^ result) & (b ^ result)) < 0 ? null : result;
            case "-":
                result = unchecked(a - b);
                return ((a ^ b) & (a ^ result)) < 0 ? null : result;
            default:
                return null;
        }
    }

    private static object ApplyBig(string operation, BigInteger a, BigInteger b)
    {
        if (operation is "/" or "//" or "%" && b.IsZero)
        {
            throw TemplateException.Value(operation == "/" ? "division by zero" : "integer division or modulo by zero");
        }

        return operation switch
        {
            "+" => Of(a + b),
            "-" => Of(a - b),
            "*" => a.GetBitLength() + b.GetBitLength() > BitsMax ? throw TooLarge() : Of(a * b),
            "/" => (double)a / (double)b,
            "//" => Of(FloorDivide(a, b)),
            "%" => Of(a - (FloorDivide(a, b) * b)),
            "**" => Power(a, b),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operator."),
        };
    }

    private static double Apply(string operation, double a, double b)
    {
        if (operation is "/" or "//" or "%" && b == 0)
        {
            throw TemplateException.Value(operation switch { "/" => "float division by zero", "//" => "float floor division by zero", _ => "float modulo" });
        }

        return operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - (Math.Floor(a / b) * b),
            "**" => a < 0 && b != Math.Floor(b) ? throw TemplateException.Value("complex results are not supported") : Math.Pow(a, b),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operator."),
        };
    }

    private static object Power(BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
        {
            return a.IsZero ? throw TemplateException.Value("0.0 cannot be raised to a negative power") : Math.Pow((double)a, (double)b);
        }

        return a.GetBitLength() * (b > BitsMax ? BitsMax + 1 : (long)b) > BitsMax && !a.IsOne && !a.IsZero && a != BigInteger.MinusOne
            ? throw TooLarge()
            : Of(BigInteger.Pow(a, b > int.MaxValue ? (int)(b % 2) + 2 : (int)b));
    }

    private static TemplateException TooLarge() => TemplateException.Value($"an integer of more than {BitsMax} bits is too large");

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return !remainder.IsZero && remainder.Sign != b.Sign ? quotient - 1 : quotient;
    }
}
