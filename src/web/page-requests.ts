/** What the routes of the pages read and send alike. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { UseCaseError } from '../campaigns/use-case-error.ts';

const DOCTYPE = '<!doctype html>';

export async function sendPage(context: Context, page: unknown, status: ContentfulStatusCode = 200): Promise<Response> {
  return context.html(`${DOCTYPE}${await page}`, status);
}

/** Fields of the query. A form sends its empty ones too. */
export const filledIn = (context: Context): Record<string, string> =>
  Object.fromEntries(Object.entries(context.req.query()).filter(([, value]) => value !== ''));

/** Fields of a posted form, without empty ones. @throws UseCaseError `bad-request` */
export async function readForm(context: Context): Promise<Record<string, unknown>> {
  const form = await context.req.formData().catch(() => {
    throw new UseCaseError('bad-request', 'send a form (application/x-www-form-urlencoded)');
  });
  return Object.fromEntries([...form].filter(([, value]) => value !== ''));
}
