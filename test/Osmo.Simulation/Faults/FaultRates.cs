namespace Osmo.Simulation.Faults;

/// <summary>How often and how badly things go wrong; drawn anew for each run, so that some runs see one kind of fault alone. All zero once it is calm.</summary>
internal sealed class FaultRates
{
    private FaultRates()
    {
    }

    /// <summary>Steps between two crashes of the control plane, on average; 0: none.</summary>
    public int StepsPerCrash { get; private set; }

    public double OperatorCrash { get; private set; }

    public double ReadFails { get; private set; }

    public double CommitFails { get; private set; }

    /// <summary>The commit is made and its caller is told that it failed.</summary>
    public double CommitLies { get; private set; }

    public double DatabaseIsSlow { get; private set; }

    public double ObjectsFail { get; private set; }

    public double CallIsLate { get; private set; }

    public double CallIsLost { get; private set; }

    public double AnswerIsLost { get; private set; }

    public double CallComesTwice { get; private set; }

    public double ReportOvertakes { get; private set; }

    public double ReportComesTwice { get; private set; }

    /// <summary>Of the fates of pods and jobs, those that are bad.</summary>
    public double BadFate { get; private set; }

    public double JobFails { get; private set; }

    public double NodeVanishes { get; private set; }

    public double UserInterferes { get; private set; }

    public static FaultRates Draw(FaultSet faults, Dice dice)
    {
        var rates = new FaultRates();
        if (faults.Has(FaultKind.Crash) && dice.Once(0.8))
        {
            (rates.StepsPerCrash, rates.OperatorCrash) = (dice.Of(1_500, 4_000, 10_000), dice.Of(0, 0.005, 0.02));
        }

        if (faults.Has(FaultKind.Storage) && dice.Once(0.8))
        {
            (rates.ReadFails, rates.CommitFails, rates.CommitLies) = (dice.Of(0, 0.005, 0.03), dice.Of(0, 0.02, 0.1), dice.Of(0, 0.02, 0.1));
            (rates.DatabaseIsSlow, rates.ObjectsFail) = (dice.Of(0, 0.05, 0.3), dice.Of(0, 0.1, 0.5));
        }

        if (faults.Has(FaultKind.Messages) && dice.Once(0.8))
        {
            (rates.CallIsLate, rates.CallIsLost, rates.AnswerIsLost) = (dice.Of(0, 0.2, 0.6), dice.Of(0, 0.01, 0.05), dice.Of(0, 0.01, 0.05));
            rates.CallComesTwice = dice.Of(0, 0.02, 0.1);
            (rates.ReportOvertakes, rates.ReportComesTwice) = (dice.Of(0, 0.05, 0.3), dice.Of(0, 0.05, 0.3));
        }

        if (faults.Has(FaultKind.Cluster))
        {
            (rates.BadFate, rates.JobFails, rates.NodeVanishes) = (dice.Of(0.1, 0.3, 0.6), dice.Of(0, 0.02, 0.1), dice.Of(0, 0, 0.02));
        }

        rates.UserInterferes = faults.Has(FaultKind.Users) ? dice.Of(0, 0.3, 0.6) : 0;
        return rates;
    }

    /// <summary>From now on nothing goes wrong any more; what has gone wrong stays.</summary>
    public void Calm()
    {
        StepsPerCrash = 0;
        OperatorCrash = ReadFails = CommitFails = CommitLies = DatabaseIsSlow = ObjectsFail = 0;
        CallIsLate = CallIsLost = AnswerIsLost = CallComesTwice = ReportOvertakes = ReportComesTwice = 0;
        BadFate = JobFails = NodeVanishes = UserInterferes = 0;
    }
}
