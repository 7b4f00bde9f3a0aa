/** An evaluation on demand: a checkpoint on a suite. */
import { EVALUATE_ADDRESS } from './addresses.ts';
import { Field, Refusal } from './forms.tsx';
import { Layout } from './layout.tsx';

export interface EvaluateForm {
  /** Campaign and iteration, or a digest. */
  readonly checkpoint: string;
  readonly suite?: string | undefined;
  readonly samples?: string | undefined;
  readonly temperature?: string | undefined;
  readonly limit?: string | undefined;
}

export interface EvaluatePageProps {
  readonly form: EvaluateForm;
  /** Names that can be chosen; a path of a file can be typed. */
  readonly suites: readonly string[];
  readonly refusal?: string | undefined;
}

export function EvaluatePage({ form, suites, refusal }: EvaluatePageProps) {
  const { checkpoint, suite = suites[0] ?? '', samples = '', temperature = '', limit = '' } = form;
  return (
    <Layout title={`Evaluate ${checkpoint}`}>
      <header class="title">
        <h1>{`Evaluate ${checkpoint}`}</h1>
      </header>
      <Refusal message={refusal} />
      <form class="panel fields" method="post" action={EVALUATE_ADDRESS}>
        <p class="note">
          It runs beside the campaigns. The same evaluation twice is one: the second joins the first, or has its result.
        </p>
        <input type="hidden" name="checkpoint" value={checkpoint} />
        <Field id="suite" label="Suite" note="A suite of the campaign, a data set by name, or the full path of a file.">
          <input id="suite" name="suite" value={suite} list="suites" required autocomplete="off" />
          <datalist id="suites">
            {suites.map((name) => (
              <option value={name}></option>
            ))}
          </datalist>
        </Field>
        <Field id="samples" label="Samples a problem and arm" note="Empty: the suite’s.">
          <input id="samples" name="samples" value={samples} inputmode="numeric" autocomplete="off" />
        </Field>
        <Field
          id="temperature"
          label="Temperature"
          note="0 is greedy. Empty: the suite’s; 1 with more than one sample."
        >
          <input id="temperature" name="temperature" value={temperature} inputmode="decimal" autocomplete="off" />
        </Field>
        <Field id="limit" label="Problems" note="The first so many. Empty: all.">
          <input id="limit" name="limit" value={limit} inputmode="numeric" autocomplete="off" />
        </Field>
        <div class="actions">
          <button type="submit">evaluate</button>
        </div>
      </form>
    </Layout>
  );
}
