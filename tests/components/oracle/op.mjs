// An OpenID provider that nobody here wrote (npm `oidc-provider`), dressed as Pro Santé Connect:
// its discovery name, mutual TLS, `SubjectNameID`, CIBA in poll mode. The protocol is the library's;
// what is set here is who the professionals are, and what they answer.
//
// Usage: node op.mjs FOLDER — FOLDER holds amont.pem, amont.key, ca.pem; says {"url"} when ready.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { pathToFileURL } from 'node:url';

const [dossier, modules] = process.argv.slice(2);
const bibliotheque = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`));
const { default: Provider, errors } = bibliotheque;

const COMPTES = new Set(['899700000016', '899700000024']);
const ECHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const reglages = { compte: '899700000016', decision: 'approuver', acr: 'eidas1', ttl: 120 };
const recus = [];
const heure = Date.now;
// Tokens are made to die by moving the clock, not by waiting.
Date.now = () => heure() + (reglages.avance_s ?? 0) * 1000;

const certificat = (ctx) => ctx.socket.getPeerX509Certificate?.();
let provider;

async function accorder(compte, client, scope) {
  const grant = new provider.Grant({ accountId: compte, clientId: client });
  grant.addOIDCScope(scope);
  await grant.save();
  return grant;
}

function configurer(url) {
  return new Provider(url, {
    clients: [{
      client_id: 'lps-demo', application_type: 'web', redirect_uris: ['https://proxy.test/callback'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:openid:params:grant-type:ciba', ECHANGE],
      response_types: ['code'], token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=client-demo', tls_client_certificate_bound_access_tokens: true,
      backchannel_token_delivery_mode: 'poll', require_auth_time: true,
      introspection_endpoint_auth_method: undefined,
    }],
    clientAuthMethods: ['tls_client_auth'],
    findAccount: (_, id) => COMPTES.has(id) && {
      accountId: id,
      claims: () => ({ sub: id, SubjectNameID: id, family_name: 'INFIRMIERE', given_name: 'LINE' }),
    },
    claims: { openid: ['sub'], scope_all: ['SubjectNameID', 'family_name', 'given_name'] },
    scopes: ['openid', 'scope_all', 'offline_access'],
    acrValues: ['eidas1'],
    extraParams: ['channel'],
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { methods: ['S256'], required: () => true },
    ttl: { AccessToken: () => reglages.ttl, RefreshToken: 1800, IdToken: 120, Session: 14400,
      Grant: 14400, Interaction: 300, BackchannelAuthenticationRequest: () => reglages.duree ?? 120 },
    cookies: { keys: ['cookies-of-the-test'] },
    interactions: { url: (_, i) => `/interaction/${i.uid}` },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      mTLS: {
        enabled: true, tlsClientAuth: true, certificateBoundAccessTokens: true,
        getCertificate: certificat,
        certificateAuthorized: (ctx) => ctx.socket.authorized,
        certificateSubjectMatches: (ctx, _, attendu) => (
          certificat(ctx)?.subject.split('\n').includes(attendu)),
      },
      ciba: {
        enabled: true, deliveryModes: ['poll'],
        processLoginHint: (_, hint) => (COMPTES.has(hint) ? hint : undefined),
        processLoginHintToken: () => undefined,
        validateRequestContext: () => undefined,
        verifyUserCode: () => undefined,
        validateBindingMessage: (_, message) => {
          if (!/^\d\d$/.test(message ?? '')) throw new errors.InvalidBindingMessage('two digits');
        },
        async triggerAuthenticationDevice(ctx, request, account, client) {
          recus.push({ ciba: { ...ctx.oidc.params } });
          const decision = reglages.decision;
          if (decision === 'ignorer') return;
          setTimeout(async () => {
            if (decision === 'refuser') {
              await provider.backchannelResult(request, new errors.AccessDenied('refused'));
              return;
            }
            const grant = await accorder(account.accountId, client.clientId, 'openid scope_all');
            await provider.backchannelResult(request, grant, {
              acr: reglages.acr, authTime: Math.floor(Date.now() / 1000) });
          }, 150);
        },
      },
    },
  });
}

// RFC 8693: the library has no such grant; this one gives a certificate-bound token to whoever
// shows a live token of the same provider.
async function echanger(ctx) {
  const { subject_token: montre, subject_token_type: genre } = ctx.oidc.params;
  recus.push({ echange: { ...ctx.oidc.params, subject_token: undefined } });
  if (genre !== 'urn:ietf:params:oauth:token-type:access_token') throw new errors.InvalidRequest('type');
  const sujet = montre && await provider.AccessToken.find(montre);
  if (!sujet || sujet.isExpired) throw new errors.InvalidGrant('subject_token is not active');
  const jeton = new provider.AccessToken({
    accountId: sujet.accountId, client: ctx.oidc.client, grantId: sujet.grantId, gty: 'exchange',
    scope: 'openid scope_all' });
  jeton.setThumbprint('x5t', certificat(ctx));
  ctx.body = { access_token: await jeton.save(), token_type: jeton.tokenType,
    expires_in: jeton.expiration, issued_token_type: genre };
}

async function dialoguer(requete, reponse) {
  const { prompt, params } = await provider.interactionDetails(requete, reponse);
  if (reglages.decision === 'refuser') {
    return provider.interactionFinished(requete, reponse, {
      error: 'access_denied', error_description: 'refused' });
  }
  if (prompt.name === 'login') {
    recus.push({ login: prompt.reasons });
    return provider.interactionFinished(requete, reponse, {
      login: { accountId: reglages.compte, acr: reglages.acr } });
  }
  const grant = await accorder(reglages.compte, params.client_id, params.scope);
  return provider.interactionFinished(requete, reponse, {
    consent: { grantId: grant.jti } }, { mergeWithLastSubmission: true });
}

const serveur = createServer({
  cert: readFileSync(`${dossier}/amont.pem`), key: readFileSync(`${dossier}/amont.key`),
  ca: readFileSync(`${dossier}/ca.pem`), requestCert: true, rejectUnauthorized: false,
});
serveur.listen(0, '127.0.0.1', () => {
  const url = `https://127.0.0.1:${serveur.address().port}`;
  provider = configurer(url);
  provider.registerGrantType(ECHANGE, echanger, [
    'subject_token', 'subject_token_type', 'subject_issuer', 'audience', 'scope']);
  const suite = provider.callback();
  serveur.on('request', async (requete, reponse) => {
    const adresse = new URL(requete.url, url);
    if (adresse.pathname === '/controle') {
      Object.assign(reglages, JSON.parse(adresse.searchParams.get('reglages') ?? '{}'));
      reponse.end(JSON.stringify(recus.splice(0)));
    } else if (adresse.pathname.startsWith('/interaction/')) {
      await dialoguer(requete, reponse);
    } else {
      if (adresse.pathname === '/.well-known/wallet-openid-configuration') {
        requete.url = '/.well-known/openid-configuration';
      }
      suite(requete, reponse);
    }
  });
  console.log(JSON.stringify({ url }));
});
