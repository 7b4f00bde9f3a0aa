import { expect, it } from 'vitest';
import { clientProof, equalSecrets, serverProof } from '../../../src/process/mutual-proof.ts';

const meeting = { token: 'f'.repeat(64), address: '127.0.0.1:7420', instance: '0a' };

it('proofs depend on the token, the address, the start of the server and the nonce', () => {
  const proofs = [
    meeting,
    { ...meeting, token: 'e'.repeat(64) },
    { ...meeting, address: '127.0.0.1:7421' },
    { ...meeting, instance: '0b' },
  ].flatMap((other) => [clientProof(other), serverProof(other, '00'), serverProof(other, '01')]);
  expect(new Set(proofs).size).toBe(12);
  for (const proof of proofs) expect(proof).not.toContain(meeting.token);
});

it('no nonce makes the server say what a client has to show', () => {
  for (const nonce of ['client', '', '["client"]', 'client","'])
    expect(serverProof(meeting, nonce)).not.toBe(clientProof(meeting));
});

it('no part runs into the next', () => {
  expect(clientProof({ ...meeting, address: 'a', instance: 'bc' })).not.toBe(
    clientProof({ ...meeting, address: 'ab', instance: 'c' }),
  );
});

it('compares whole texts', () => {
  expect([equalSecrets('ab', 'ab'), equalSecrets('a', 'ab'), equalSecrets('', 'ab')]).toEqual([true, false, false]);
});
