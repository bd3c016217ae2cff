"""Writes the configuration of a Proxy e-santé that talks to this bac à sable."""

import json
import secrets
from pathlib import Path
from typing import Any

from app.sandbox.certificats import Pki


def ecrire_proxy_toml(chemin: Path, pki: Pki, infos: dict[str, Any], port: int, client_id: str
                      ) -> None:
    """Write proxy.toml (the proxy's documentation describes its members)."""
    def texte(valeur: object) -> str:
        # A TOML basic string and a JSON string have the same escapes.
        return json.dumps(str(valeur), ensure_ascii=False)

    ca = texte(pki.certificat("ca"))
    lignes = [
        "# Écrit par « pleiade bac-a-sable » : tout est fictif et ne quitte pas cette machine.",
        "[proxy]", 'host = "127.0.0.1"', f"port = {port}",
        f"certificat = {texte(pki.certificat('proxy-serveur'))}",
        f"cle = {texte(pki.cle('proxy-serveur'))}", "",
        "[psc]",
        f"decouverte = {texte(infos['psc'] + '/.well-known/wallet-openid-configuration')}",
        f"ca = {ca}", "",
        f"[clients.{client_id}]", f"client_id = {texte(client_id)}", 'type = "mtls"',
        f"certificat = {texte(pki.certificat('proxy-client'))}",
        f"cle = {texte(pki.cle('proxy-client'))}", ""]
    for api in ("insi", "dmp"):
        jeton = f"{infos['edc']}/realms/{api}/protocol/openid-connect/token"
        lignes += [f"[api.{api}]", f"url = {texte(infos[api])}", f"jeton = {texte(jeton)}",
                   f"ca = {ca}", ""]
    part = chemin.with_name("proxy-part.key")
    if not part.exists():
        # The secret by which the proxy opens patient files for their professionals.
        part.touch(mode=0o600)
        part.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    lignes += ["[session]", "inactivite_s = 14400", "absolue_s = 43200", "",
               "[bureau]", f"part_cle_fichier = {texte(part)}", "",
               # Tests and demonstrations log in far more often than a practice, from one address.
               "[limites]", "identifications_par_minute = 6000",
               "sollicitations_par_minute = 600", "envois_par_seconde = 1000.0", "",
               "[traces]", f"fichier = {texte(chemin.with_name('proxy-traces.jsonl'))}", ""]
    chemin.write_text("\n".join(lignes), encoding="utf-8")
