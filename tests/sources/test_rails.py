"""Rails and Sinatra: routes as the guides describe them, callbacks through inheritance and concerns (guides.rubyonrails.org, sinatrarb.com)."""

from pathlib import Path

from launchready.model.surface import Surface

from tests.sources.reading import app, one, who

ROUTES = """
Rails.application.routes.draw do
  root "pages#home"
  get "up" => "rails/health#show"
  resources :members, only: %i[index show destroy] do
    member { post :invite }
    collection do
      get "export", to: "members#export"
    end
    resources :notes, only: [:create], shallow: true
  end
  namespace :admin do
    resource :settings, only: [:show, :update]
  end
  scope "/v1", module: "api" do
    match "ping(.:format)", to: "status#ping", via: [:get, :post]
  end
  concern(:likeable) { resources :likes, only: [:index] }
  resources :posts, only: [], concerns: :likeable
  %w[terms privacy].each { |page| get page, to: "pages#show" }
  authenticate(:user) { mount Sidekiq::Web => "/jobs" }
  devise_for :users, skip: [:registrations, :passwords]
  draw :extra
  get "/old", to: redirect("/")
end
"""
APPLICATION = """
class ApplicationController < ActionController::Base
  include SignedIn
  before_action :load_locale
  def load_locale; I18n.locale = params[:locale]; end
end
"""
CONCERN = """
module SignedIn
  extend ActiveSupport::Concern
  included do
    before_action :require_user
  end
  def require_user
    redirect_to new_session_path unless current_user
  end
end
"""
MEMBERS = """
class MembersController < ApplicationController
  skip_before_action :require_user, only: [:index]
  before_action :only_admins, only: :destroy
  before_action(if: -> { params[:beta] }) { head :forbidden unless current_user.beta }
  def index; @page = params[:page]; end
  def show; end
  def destroy; end
  def invite; Member.invite(member_params); end
  def export; end
  private
  def only_admins
    raise Forbidden unless current_user.role == "admin"
  end
  def member_params
    params.require(:member).permit(:name, :email)
  end
end
"""
OPEN = """
class {name}Controller < ActionController::Base
  def {action}; end
end
"""


def _app(root: Path) -> Surface:
    at = "app/controllers"
    files = {
        "config/routes.rb": ROUTES,
        "config/routes/extra.rb": 'get "drawn", to: "pages#home"\n',
        f"{at}/application_controller.rb": APPLICATION,
        f"{at}/concerns/signed_in.rb": CONCERN,
        f"{at}/members_controller.rb": MEMBERS,
        f"{at}/notes_controller.rb": "class NotesController < ApplicationController\n  def create; end\nend\n",
        f"{at}/pages_controller.rb": "class PagesController < ActionController::Base\n  def home; end\n  def show; end\nend\n",
        f"{at}/admin/settings_controller.rb": "class Admin::SettingsController < ApplicationController\n  before_action :elsewhere_authorize!\n  def show; end\n  def update; end\nend\n",
        f"{at}/api/status_controller.rb": OPEN.format(name="Api::Status", action="ping"),
        f"{at}/likes_controller.rb": "class LikesController < ActionController::Base\n  before_action :authenticate_user!\n  def index; end\nend\n",
    }
    return app(root, files)


def test_routes_and_callbacks(tmp_path: Path) -> None:
    found = who(_app(tmp_path))
    assert found == {
        "GET /": "open",
        "GET /up": "open",
        # The callback in a block may refuse, but not always.
        "GET /members": "unknown",
        "GET /members/{id}": "guarded",
        "DELETE /members/{id}": "guarded",
        "POST /members/{id}/invite": "guarded",
        "GET /members/export": "guarded",
        "POST /members/{member_id}/notes": "guarded",
        "GET /admin/settings": "guarded",
        "PATCH /admin/settings": "guarded",
        "PUT /admin/settings": "guarded",
        "GET /v1/ping": "open",
        "POST /v1/ping": "open",
        "GET /posts/{post_id}/likes": "guarded",
        "GET /terms": "open",
        "GET /privacy": "open",
        "GET /jobs": "guarded",
        "GET /users/sign_in": "open",
        "POST /users/sign_in": "open",
        "DELETE /users/sign_out": "open",
        "GET /drawn": "open",
        "GET /old": "open",
    }


def test_evidence_roles_and_inputs(tmp_path: Path) -> None:
    found = _app(tmp_path)
    assert one(found, "DELETE /members/{id}").access.roles == ("admin",)
    show = one(found, "GET /members/{id}").access.evidence[0]
    assert (show.file, show.line) == ("app/controllers/concerns/signed_in.rb", 5)
    assert {given.name for given in one(found, "POST /members/{id}/invite").inputs} == {"id", "member", "name", "email"}


def test_a_callback_that_may_refuse_in_a_way_we_did_not_see_is_unknown(tmp_path: Path) -> None:
    controller = """
class ReportsController < ActionController::Base
  before_action :check_access
  def index; end
  def check_access; Library.verify!(self); end
end
"""
    routes = "Rails.application.routes.draw do\n  resources :reports, only: :index\nend\n"
    found = app(tmp_path, {"config/routes.rb": routes, "app/controllers/reports_controller.rb": controller})
    assert who(found) == {"GET /reports": "unknown"}


def test_sinatra(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.rb": """
require "sinatra/base"
class Shop < Sinatra::Base
  get("/") { "hello" }
  get "/items/:id" do
    params[:fields]
  end
  namespace "/staff" do
    before { halt 401 unless session[:user] }
    delete("/items/:id") { 1 }
  end
  before("/late/*") { halt 403 unless session[:user] }
  post "/late/x" do
    headers.delete "content-length"
  end
end
""",
            "config.ru": 'require "./app"\nmap "/shop" do\n  run Shop\nend\n',
        },
    )
    assert who(found) == {
        "GET /shop": "unknown",
        "GET /shop/items/{id}": "unknown",
        "DELETE /shop/staff/items/{id}": "guarded",
        "POST /shop/late/x": "unknown",
    }
    assert {given.name for given in one(found, "GET /shop/items/{id}").inputs} == {"id", "fields"}
