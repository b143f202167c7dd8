using System.Numerics;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python numbers: integers of any size (a <see cref="long"/> where it fits) and doubles; booleans count as 0 and 1.</summary>
internal static class Number
{
    /// <summary>Bits of the largest integer an expression may make.</summary>
    private const long BitsMax = 1 << 16;

    /// <summary>Integers up to this are doubles without loss.</summary>
    private const long ExactMax = 1L << 53;

    /// <summary>The one form of an integer: long wherever it fits.</summary>
    public static object Of(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    public static bool IsInteger(object? value) => value is long or BigInteger or bool;

    public static bool IsNumber(object? value) => value is long or double or BigInteger or bool;

    public static BigInteger Big(object? value) => value switch
    {
        long l => l,
        BigInteger b => b,
        bool b => b ? 1 : 0,
        _ => throw new InvalidCastException($"{value} is not an integer."),
    };

    /// <exception cref="TemplateException">An integer that no double comes near.</exception>
    public static double Double(object? value) => value switch
    {
        double d => d,
        long l => l,
        bool b => b ? 1 : 0,
        _ => Quotient(Big(value), BigInteger.One) is var d && double.IsFinite(d) ? d : throw TemplateException.Value("int too large to convert to float"),
    };

    /// <summary>An index or a count; far out of range is as good as infinite.</summary>
    public static int Index(object? value) => value switch
    {
        long l => (int)Math.Clamp(l, int.MinValue, int.MaxValue),
        bool b => b ? 1 : 0,
        BigInteger big => big.Sign < 0 ? int.MinValue : int.MaxValue,
        _ => throw TemplateException.Value($"'{PythonTypes.Name(value)}' object cannot be interpreted as an integer"),
    };

    /// <summary>Exact order of two numbers; null if one of them is not a number.</summary>
    public static int? Compare(object left, object right)
    {
        if (left is long a && right is long b)
        {
            return a.CompareTo(b);
        }

        if (left is double x)
        {
            return right is double y ? Compare(x, y) : CompareMixed(x, Big(right));
        }

        return right is double z ? -CompareMixed(z, Big(left)) : Big(left).CompareTo(Big(right));
    }

    public static int Hash(object value) => value switch
    {
        long l => l.GetHashCode(),
        double d when Math.Floor(d) == d && Math.Abs(d) < ExactMax => ((long)d).GetHashCode(),
        double d => double.IsFinite(d) && Math.Floor(d) == d ? new BigInteger(d).GetHashCode() : d.GetHashCode(),
        bool b => b ? 1 : 0,
        _ => value.GetHashCode(),
    };

    public static object Apply(BinaryOperator operation, object left, object right)
    {
        if (left is long a && right is long b)
        {
            return ApplySmall(operation, a, b) is { } small ? small
                : operation == BinaryOperator.Divide && IsExact(a) && IsExact(b) && b != 0 ? (double)a / b
                : ApplyBig(operation, a, b);
        }

        return left is double || right is double
            ? FloatNumber.Apply(operation, Double(left), Double(right))
            : ApplyBig(operation, Big(left), Big(right));
    }

    public static object Negate(object value) => value switch
    {
        double d => -d,
        long l and not long.MinValue => -l,
        _ => Of(-Big(value)),
    };

    /// <summary>The double nearest to a / b, infinite if out of range.</summary>
    public static double Quotient(BigInteger a, BigInteger b)
    {
        // 62 bits of quotient, the last of which says whether anything was left over, are rounded once, by the conversion.
        const int Bits = 62;
        var negative = a.Sign * b.Sign < 0;
        (a, b) = (BigInteger.Abs(a), BigInteger.Abs(b));
        var shift = Bits - (int)(a.GetBitLength() - b.GetBitLength());
        var quotient = shift >= 0 ? BigInteger.DivRem(a << shift, b, out var rest) : BigInteger.DivRem(a, b << -shift, out rest);
        if (quotient.GetBitLength() > Bits)
        {
            rest += quotient.IsEven ? 0 : 1;
            quotient >>= 1;
            shift--;
        }

        var rounded = Math.ScaleB((double)((long)quotient | (rest.IsZero ? 0L : 1L)), -shift);
        return negative ? -rounded : rounded;
    }

    private static bool IsExact(long value) => value is >= -ExactMax and <= ExactMax;

    private static long? ApplySmall(BinaryOperator operation, long a, long b)
    {
        switch (operation)
        {
            case BinaryOperator.Add:
                var sum = unchecked(a + b);
                return ((a ^ sum) & (b ^ sum)) < 0 ? null : sum;
            case BinaryOperator.Subtract:
                var difference = unchecked(a - b);
                return ((a ^ b) & (a ^ difference)) < 0 ? null : difference;
            case BinaryOperator.Multiply:
                var high = Math.BigMul(a, b, out var product);
                return (high == 0 && product >= 0) || (high == -1 && product < 0) ? product : null;
            case BinaryOperator.FloorDivide when b is not (0 or -1):
                return (a / b) - (a % b != 0 && (a ^ b) < 0 ? 1 : 0);
            case BinaryOperator.Modulo when b is not (0 or -1):
                return a % b is var rest && rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
            default:
                return null;
        }
    }

    private static object ApplyBig(BinaryOperator operation, BigInteger a, BigInteger b)
    {
        if (b.IsZero && operation is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo)
        {
            throw TemplateException.Value(operation switch
            {
                BinaryOperator.Divide => "division by zero",
                BinaryOperator.Modulo => "integer modulo by zero",
                _ => "integer division or modulo by zero",
            });
        }

        return operation switch
        {
            BinaryOperator.Add => Of(a + b),
            BinaryOperator.Subtract => Of(a - b),
            BinaryOperator.Multiply => a.GetBitLength() + b.GetBitLength() > BitsMax ? throw TooLarge() : Of(a * b),
            BinaryOperator.Divide => Quotient(a, b) is var quotient && double.IsFinite(quotient)
                ? quotient
                : throw TemplateException.Value("integer division result too large for a float"),
            BinaryOperator.FloorDivide => Of(FloorDivide(a, b)),
            BinaryOperator.Modulo => Of(a - (FloorDivide(a, b) * b)),
            BinaryOperator.Power => b.Sign < 0 ? FloatNumber.Apply(operation, Double(Of(a)), Double(Of(b))) : Power(a, b),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operator."),
        };
    }

    private static object Power(BigInteger a, BigInteger b)
    {
        if (BigInteger.Abs(a) <= BigInteger.One)
        {
            return b.IsZero ? 1L : a.Sign < 0 && b.IsEven ? 1L : (long)a;
        }

        return b > BitsMax || a.GetBitLength() * (long)b > BitsMax ? throw TooLarge() : Of(BigInteger.Pow(a, (int)b));
    }

    private static TemplateException TooLarge() => TemplateException.Value($"an integer of more than {BitsMax} bits is too large");

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return !remainder.IsZero && remainder.Sign != b.Sign ? quotient - 1 : quotient;
    }

    private static int? Compare(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);

    private static int? CompareMixed(double a, BigInteger b)
    {
        if (!double.IsFinite(a))
        {
            return double.IsNaN(a) ? null : a > 0 ? 1 : -1;
        }

        var whole = Math.Floor(a);
        return new BigInteger(whole).CompareTo(b) is var order && order == 0 && a > whole ? 1 : order;
    }
}
