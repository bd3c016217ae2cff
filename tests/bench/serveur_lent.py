"""A service that takes 300 ms to answer a large TD3.1: run as a process, prints its port."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELAI_S = 0.3
_PERSONNE = "899700000099^ESSAI^Paul^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS"
_STRUCTURE = "LABO ESSAI^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^10B0000001"
_FICHE = """<ExtrinsicObject id="urn:uuid:00000000-0000-4000-8000-{n:012d}"
 lid="urn:uuid:00000000-0000-4000-8000-{n:012d}" mimeType="text/xml"
 objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
 status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">
<Slot name="creationTime"><ValueList><Value>20260115083000</Value></ValueList></Slot>
<Slot name="serviceStartTime"><ValueList><Value>20260115083000</Value></ValueList></Slot>
<Slot name="languageCode"><ValueList><Value>fr-FR</Value></ValueList></Slot>
<Slot name="size"><ValueList><Value>1000</Value></ValueList></Slot>
<Slot name="repositoryUniqueId"><ValueList><Value>1.2.250.1.213.4.1.1.1.2</Value></ValueList></Slot>
<Name><LocalizedString charset="UTF8" value="Compte rendu numéro {n}" xml:lang="FR"/></Name>
<VersionInfo versionName="1"/>
<Classification classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
 classifiedObject="d" nodeRepresentation="" id="a{n}">
<Slot name="authorPerson"><ValueList><Value>{personne}</Value></ValueList></Slot>
<Slot name="authorInstitution"><ValueList><Value>{structure}</Value></ValueList></Slot>
</Classification>
<Classification classificationScheme="urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
 classifiedObject="d" nodeRepresentation="11502-2" id="t{n}">
<Slot name="codingScheme"><ValueList><Value>2.16.840.1.113883.6.1</Value></ValueList></Slot>
<Name><LocalizedString value="CR de biologie" xml:lang="FR"/></Name></Classification>
<ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
 registryObject="d" value="1.2.250.1.999.1.1.7.{n}" id="u{n}">
<Name><LocalizedString value="XDSDocumentEntry.uniqueId"/></Name></ExternalIdentifier>
</ExtrinsicObject>"""


def enveloppe(fiches: int) -> tuple[bytes, bytes]:
    """(before, after) the RelatesTo of an answer that carries `fiches` entries."""
    tete = ('<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://www.w3.org/'
            '2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing">'
            '<soap:Header><wsa:Action>urn:ihe:iti:2007:RegistryStoredQueryResponse</wsa:Action>'
            '<wsa:RelatesTo>')
    corps = ('</wsa:RelatesTo></soap:Header><soap:Body><q:AdhocQueryResponse xmlns:q="urn:oasis:'
             'names:tc:ebxml-regrep:xsd:query:3.0" status="urn:oasis:names:tc:ebxml-regrep:'
             f'ResponseStatusType:Success" totalResultCount="{fiches}"><RegistryObjectList '
             'xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">'
             + "".join(_FICHE.format(n=n, personne=_PERSONNE, structure=_STRUCTURE)
                       for n in range(1, fiches + 1))
             + "</RegistryObjectList></q:AdhocQueryResponse></soap:Body></soap:Envelope>")
    return tete.encode(), corps.encode()


def main() -> None:
    """Serve until killed. Argument: number of entries of an answer."""
    tete, corps = enveloppe(int(sys.argv[1]))

    class Lent(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            demande = self.rfile.read(int(self.headers["Content-Length"]))
            debut = demande.index(b"urn:uuid:", demande.index(b"MessageID"))
            message_id = demande[debut:demande.index(b"<", debut)]
            time.sleep(DELAI_S)
            self.send_response(200)
            self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(tete) + len(message_id) + len(corps)))
            self.end_headers()
            self.wfile.write(tete + message_id + corps)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Lent)
    print(serveur.server_port, flush=True)
    serveur.serve_forever()


if __name__ == "__main__":
    main()
