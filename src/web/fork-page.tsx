/** A fork: a new campaign from a checkpoint, with other settings. */

import { FORK_ADDRESS } from './addresses.ts';
import { Field, Refusal, SettingsField } from './forms.tsx';
import { Layout } from './layout.tsx';

export interface ForkForm {
  /** Checkpoint: campaign and iteration, or a digest. */
  readonly from: string;
  readonly name?: string | undefined;
  readonly iterations?: string | undefined;
  /** A `KEY=VALUE` a line. */
  readonly settings?: string | undefined;
}

export function ForkPage({ form, refusal }: { readonly form: ForkForm; readonly refusal?: string | undefined }) {
  const { from, name = '', iterations = '', settings = '' } = form;
  return (
    <Layout title={`Fork ${from}`}>
      <header class="title">
        <h1>{`Fork ${from}`}</h1>
      </header>
      <Refusal message={refusal} />
      <form class="panel fields" method="post" action={FORK_ADDRESS}>
        <p class="note">
          A new campaign that goes on from this checkpoint, with the settings of that time and your changes. Steps that
          stay the same are taken from the store.
        </p>
        <input type="hidden" name="from" value={from} />
        <Field id="name" label="Name of the new campaign" note="Small letters, digits and hyphens.">
          <input id="name" name="name" value={name} required autocomplete="off" />
        </Field>
        <Field
          id="iterations"
          label="Iterations to run"
          note="Empty: as many as the other campaign had left, at least one."
        >
          <input id="iterations" name="iterations" value={iterations} inputmode="numeric" autocomplete="off" />
        </Field>
        <SettingsField
          label="Other settings"
          note="One a line, by name or full path, e.g. lr=1e-4 or strategy.alpha=4. Empty: the same settings."
          rows={6}
          settings={settings}
        />
        <div class="actions">
          <button type="submit">fork</button>
        </div>
      </form>
    </Layout>
  );
}
