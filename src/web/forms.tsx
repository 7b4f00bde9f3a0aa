/** Parts of forms that several pages use. */
import type { Child } from 'hono/jsx';

/** What was refused and why, above the form. */
export function Refusal({ message }: { readonly message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <div class="health health-act" role="alert">
      <p class="sentence">{message}</p>
    </div>
  );
}

/** A labelled text area for changed settings, one a line. */
export function SettingsField({
  label,
  note,
  rows,
  settings,
}: {
  readonly label: string;
  readonly note: string;
  readonly rows: number;
  readonly settings: string | undefined;
}) {
  return (
    <Field id="settings" label={label} note={note}>
      <textarea id="settings" name="settings" rows={rows} spellcheck={false} autocapitalize="off">
        {settings}
      </textarea>
    </Field>
  );
}

/** A labelled field with a note on what it takes. */
export function Field({
  id,
  label,
  note,
  children,
}: {
  /** Of the control. */
  readonly id: string;
  readonly label: string;
  readonly note?: string;
  readonly children: Child;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {note === undefined ? null : <p class="note">{note}</p>}
    </div>
  );
}
