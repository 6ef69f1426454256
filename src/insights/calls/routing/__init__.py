"""In which order should a rep drive to the day's customers?"""

from insights.calls.routing.result import Routes
from insights.calls.routing.routes import plan_routes
from insights.calls.routing.solver import RouteError

__all__ = ["RouteError", "Routes", "plan_routes"]
