/** How a campaign stands: one sentence, one action, and the rest folded. */
import type { Health } from '../campaigns/health.ts';

export function HealthLine({ health, reason }: { readonly health: Health; readonly reason: string | undefined }) {
  const { level, sentence, action, others } = health;
  // The sentence shortens a reason that is long or has JSON in it.
  const whole = reason === undefined || sentence.includes(reason) ? undefined : reason;
  return (
    <div class={`health health-${level}`}>
      <p class="sentence">{sentence}</p>
      {action === undefined ? null : (
        <p>
          <Action text={action} />
        </p>
      )}
      {whole === undefined ? null : (
        <details data-key="reason">
          <summary>The whole message</summary>
          <pre class="code">{whole}</pre>
        </details>
      )}
      {others.length === 0 ? null : (
        <details data-key="alarms">
          <summary>{others.length === 1 ? 'One more sign' : `${others.length} more signs`}</summary>
          <ul>
            {others.map((alarm) => (
              <li>
                <strong>{alarm.kind.replaceAll('-', ' ')}</strong>
                {` ${alarm.iteration === 0 ? 'at the start' : `in iteration ${alarm.iteration}`}: ${alarm.message}. `}
                <Action text={alarm.action} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** Text with commands and settings between backticks. */
function Action({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>;
}
