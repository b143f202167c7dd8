using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's arithmetic of floats.</summary>
internal static class FloatNumber
{
    public static object Apply(BinaryOperator operation, double a, double b)
    {
        if (b == 0 && operation is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo)
        {
            throw TemplateException.Value(operation switch
            {
                BinaryOperator.Divide => "float division by zero",
                BinaryOperator.FloorDivide => "float floor division by zero",
                _ => "float modulo",
            });
        }

        return operation switch
        {
            BinaryOperator.Add => a + b,
            BinaryOperator.Subtract => a - b,
            BinaryOperator.Multiply => a * b,
            BinaryOperator.Divide => a / b,
            BinaryOperator.FloorDivide => DivMod(a, b).Floor,
            BinaryOperator.Modulo => DivMod(a, b).Remainder,
            BinaryOperator.Power => Power(a, b),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operator."),
        };
    }

    /// <summary>The rest has the sign of the divisor; the quotient is whole although computed from the rest.</summary>
    private static (double Floor, double Remainder) DivMod(double a, double b)
    {
        var rest = a % b;
        var quotient = (a - rest) / b;
        if (rest == 0)
        {
            rest = Math.CopySign(0, b);
        }
        else if ((b < 0) != (rest < 0))
        {
            rest += b;
            quotient -= 1;
        }

        if (quotient == 0)
        {
            return (Math.CopySign(0, a / b), rest);
        }

        var floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, rest);
    }

    private static double Power(double a, double b)
    {
        if (a == 0 && b < 0)
        {
            throw TemplateException.Value("0.0 cannot be raised to a negative power");
        }

        if (a < 0 && double.IsFinite(a) && double.IsFinite(b) && b != Math.Floor(b))
        {
            throw TemplateException.Value("a negative number to a power that is not whole would be complex");
        }

        var power = Math.Pow(a, b);
        return double.IsInfinity(power) && double.IsFinite(a) && double.IsFinite(b)
            ? throw TemplateException.Value("(34, 'Numerical result out of range')")
            : power;
    }
}
