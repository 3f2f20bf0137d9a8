"""What the simulated outside systems of a demonstration were told: the letters to partners among them."""

from flask import Blueprint, render_template

from app.services import simulators
from app.web.session import house, login_required

blueprint = Blueprint("simulators", __name__, url_prefix="/simulators")


@blueprint.get("")
@login_required
def index() -> str:
    """Show the letters and notices, newest first; only in a demonstration, where everything is invented."""
    return render_template("simulators/index.html", told=simulators.told(house()))
